package engine

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// statement runs one that is no control of flow, in its turn.
func (x *execution) statement(statement tsql.Statement, r *Result) error {
	s := x.session
	switch st := statement.(type) {
	case *tsql.Select:
		return x.selectRows(st, r)
	case *tsql.Insert:
		return x.insert(st, r)
	case *tsql.Update:
		return x.update(st, r)
	case *tsql.Delete:
		return x.remove(st, r)
	case *tsql.CreateTable:
		r.Command = CommandDefine
		return x.createTable(st, r)
	case *tsql.Index:
		r.Command = CommandDefine
		t, err := s.DB.table(st.Table)
		if err != nil {
			return err
		}
		return x.defineIndex(t, st, r)
	case *tsql.CreateSchema:
		return x.createSchema(st)
	case *tsql.DropTable:
		return x.dropTables(st)
	case *tsql.Truncate:
		t, err := s.DB.table(st.Table)
		if err != nil {
			return err
		}
		for _, old := range t.scan() {
			s.remove(t, old)
		}
		return nil
	case *tsql.Use:
		if !s.DB.same(st.Database, s.DB.Name) {
			return sqltype.Errorf(911, 1, "Database '%s' does not exist. Make sure that the name is entered correctly.",
				st.Database)
		}
		r.Database = s.DB.Name
		return nil
	case *tsql.Declare:
		return x.declare(st)
	case *tsql.SetVariable:
		return x.setVariable(st.Name, st.Value)
	case *tsql.Print:
		return x.print(st, r)
	}
	return sqltype.Unsupported("a statement of the form %T", statement)
}

func (x *execution) selectRows(st *tsql.Select, r *Result) error {
	q, err := x.query(st, nil)
	if err != nil {
		return err
	}
	rows, err := q.run(&env{})
	if err != nil {
		return err
	}
	r.Command, r.Counted, r.Count = CommandSelect, true, int64(len(rows))
	if len(q.assigns) == 0 {
		r.Columns, r.Rows = q.columns, rows
		return nil
	}
	for _, row := range rows {
		for i, name := range q.assigns {
			x.vars.Set(name, row[i])
		}
	}
	return nil
}

// transact runs BEGIN, COMMIT or ROLLBACK.
func (s *Session) transact(verb string, r *Result) error {
	before := s.transaction
	switch verb {
	case "BEGIN":
		s.Begin()
		r.Command = CommandBegin
	case "COMMIT":
		r.Command = CommandCommit
		if err := s.Commit(); err != nil {
			return err
		}
	default:
		r.Command = CommandAbort
		if before == 0 {
			return sqltype.Errorf(3903, 1, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.")
		}
		s.Rollback()
	}
	if s.transaction != before {
		r.Began, r.Ended = s.transaction, before
	}
	return nil
}

// settled has the options that change nothing here: how they are is how they should be, or they are about other things.
var settled = map[string]bool{
	"ANSI_NULLS": true, "ANSI_PADDING": true, "ANSI_WARNINGS": true, "ARITHABORT": true, "CONCAT_NULL_YIELDS_NULL": true,
	"QUOTED_IDENTIFIER": true, "ANSI_NULL_DFLT_ON": true, "CURSOR_CLOSE_ON_COMMIT": true, "TEXTSIZE": true,
	"LANGUAGE":   true,
	"DATEFORMAT": true, "DATEFIRST": true, "TRANSACTION ISOLATION LEVEL": true, "TRANSACTION ISOLATION LEVEL READ": true,
	"TRANSACTION ISOLATION LEVEL REPEATABLE": true, "DEADLOCK_PRIORITY": true, "NUMERIC_ROUNDABORT": true,
	"ANSI_DEFAULTS": true,
	"CONTEXT_INFO":  true, "STATISTICS IO": true, "STATISTICS TIME": true,
}

func (x *execution) setOption(st *tsql.SetOption) error {
	o := &x.session.options
	on := st.Value == "ON"
	switch st.Name {
	case "NOCOUNT":
		o.noCount = on
		return nil
	case "XACT_ABORT":
		o.xactAbort = on
		return nil
	case "LOCK_TIMEOUT", "LOCK_TIMEOUT -":
		ms, err := strconv.Atoi(st.Value)
		if err != nil {
			return sqltype.Syntaxf(102, 1, "Incorrect syntax near '%s'.", st.Value)
		}
		if o.lockTimeout = time.Duration(ms) * time.Millisecond; strings.HasSuffix(st.Name, "-") {
			o.lockTimeout = -1
		}
		return nil
	case "IMPLICIT_TRANSACTIONS", "ROWCOUNT", "PARSEONLY", "NOEXEC", "FMTONLY", "ANSI_NULL_DFLT_OFF", "SHOWPLAN_ALL",
		"SHOWPLAN_TEXT":
		if st.Value == "OFF" || st.Value == "0" {
			return nil
		}
		return sqltype.Unsupported("SET %s %s", st.Name, st.Value)
	}
	for name := range strings.SplitSeq(st.Name, " , ") {
		if !settled[name] {
			return sqltype.Syntaxf(195, 7, "'%s' is not a recognized SET option.", name)
		}
	}
	return nil
}

func (x *execution) declare(st *tsql.Declare) error {
	t, err := sqltype.Named(st.Type.Name, st.Type.Length, false)
	if err != nil {
		return err
	}
	if t.IsString() {
		t.Collation = x.session.DB.Collation
	}
	if err := x.vars.Declare(st.Name, t, nil); err != nil || st.Value == nil {
		return err
	}
	return x.setVariable(st.Name, st.Value)
}

func (x *execution) setVariable(name string, value tsql.Expression) error {
	t, _, err := x.vars.Get(name)
	if err != nil {
		return err
	}
	b := x.binder(nil)
	e, err := b.value(value)
	if err != nil {
		return err
	}
	if e, err = b.convert(e, t); err != nil {
		return err
	}
	v, err := e.eval(x.env())
	if err == nil {
		x.vars.Set(name, v)
	}
	return err
}

func (x *execution) print(st *tsql.Print, r *Result) error {
	b := x.binder(nil)
	e, err := b.value(st.Value)
	if err == nil {
		e, err = b.convert(e, nvarcharType)
	}
	if err != nil {
		return err
	}
	v, err := e.eval(x.env())
	text, _ := v.(string)
	r.Messages = append(r.Messages, &sqltype.Error{State: 1, Message: text})
	return err
}

// call runs EXECUTE sp_executesql; there are no other procedures.
func (x *execution) call(st *tsql.Execute) bool {
	name := strings.ToLower(st.Procedure.Last())
	if name != "sp_executesql" {
		return x.finish(&Result{}, sqltype.Errorf(2812, 62, "Could not find stored procedure '%s'.",
			strings.Join(st.Procedure, ".")))
	}
	b := x.binder(nil)
	var given []Argument
	for i, a := range st.Arguments {
		e, err := b.value(a)
		if err != nil {
			return x.finish(&Result{}, err)
		}
		v, err := e.eval(x.env())
		if err != nil {
			return x.finish(&Result{}, err)
		}
		given = append(given, Argument{Name: st.Names[i], Type: e.typ, Value: v})
	}
	results, err := x.session.ExecuteSQL(x.ctx, given)
	x.results = append(x.results, results...)
	var e *sqltype.Error
	if errors.As(err, &e) {
		return x.finish(&Result{}, err)
	}
	return err == nil
}
