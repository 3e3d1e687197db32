package mssqltest

import (
	"errors"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/engine"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tds"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// prepared is a statement behind a handle.
type prepared struct {
	statement string
	declared  string
}

// maxHandles bounds the statements that a connection keeps prepared.
const maxHandles = 1 << 16

func (c *conn) rpc(a arrival) error {
	calls, transaction, err := tds.ParseRPC(a.message.Body, c.server.db.Collation)
	var unknown *sqltype.Error
	if err != nil && !errors.As(err, &unknown) {
		return err
	}
	for i := range calls {
		call := &calls[i]
		r := &Request{Connection: c.number, Procedure: procedureName(call.Procedure), Reset: a.message.Reset && i == 0}
		reply := &reply{conn: c, request: r, scope: tds.Procedure, ctx: a.ctx}
		last := i == len(calls)-1
		if unknown != nil && last {
			c.server.record(r)
			reply.run(transaction, func() ([]*engine.Result, error) { return nil, unknown })
		} else {
			c.call(call, reply, transaction)
		}
		if err := reply.end(last); err != nil {
			return err
		}
	}
	return nil
}

// procedureName is the last part of a name, in lower case.
func procedureName(name string) string {
	if parts, err := tsql.ParseName(name); err == nil {
		name = parts.Last()
	}
	return strings.ToLower(name)
}

// call runs a procedure.
func (c *conn) call(call *tds.RPC, reply *reply, transaction uint64) {
	r := reply.request
	p, values, err := c.statement(call, r, reply)
	r.Statement, r.Declared = p.statement, p.declared
	for _, v := range values {
		r.Params = append(r.Params, Param{Name: v.Name, Type: v.Type.String(), Value: v.Value})
	}
	c.server.record(r)
	reply.run(transaction, func() ([]*engine.Result, error) {
		if err != nil || r.Procedure == "sp_prepare" || r.Procedure == "sp_unprepare" {
			return nil, err
		}
		vars, err := c.session.Bind(p.statement, p.declared, values)
		if err != nil {
			return nil, err
		}
		return c.session.Execute(reply.ctx, p.statement, vars)
	})
}

// statement finds the statement of a call and the values for it.
func (c *conn) statement(call *tds.RPC, r *Request, reply *reply) (p prepared, values []engine.Argument, err error) {
	arguments := make([]engine.Argument, len(call.Params))
	for i, a := range call.Params {
		arguments[i] = engine.Argument{Name: a.Name, Type: a.Type, Value: a.Value, Default: a.Default}
	}
	need := map[string]int{
		"sp_executesql": 1, "sp_prepare": 3, "sp_prepexec": 3, "sp_execute": 1,
		"sp_unprepare": 1,
	}[r.Procedure]
	if need == 0 {
		return p, arguments, sqltype.Errorf(2812, 62, "Could not find stored procedure '%s'.", call.Procedure)
	}
	if len(arguments) < need {
		return p, nil, sqltype.Errorf(201, 4, "Procedure or function '%s' expects a parameter, which was not supplied.",
			r.Procedure)
	}
	switch r.Procedure {
	case "sp_executesql":
		p.statement, err = unicode(arguments[0])
		if err == nil && len(arguments) > 1 {
			p.declared, err = unicode(arguments[1])
		}
		return p, arguments[min(2, len(arguments)):], err
	case "sp_prepare", "sp_prepexec":
		if p.declared, err = unicode(arguments[1]); err == nil {
			p.statement, err = unicode(arguments[2])
		}
		if err != nil {
			return p, nil, err
		}
		if before, ok := arguments[0].Value.(int64); ok { // a handle that this one replaces
			delete(c.handles, int32(before))
		}
		if r.Procedure == "sp_prepexec" {
			values = arguments[3:]
		}
		return p, values, c.prepare(p, call.Params[0].Name, reply)
	}
	handle, _ := arguments[0].Value.(int64)
	p, ok := c.handles[int32(handle)]
	if !ok {
		return p, nil, sqltype.Errorf(8179, 2, "Could not find prepared statement with handle %d.", handle)
	}
	if r.Procedure == "sp_unprepare" {
		delete(c.handles, int32(handle))
		return p, nil, nil
	}
	return p, arguments[1:], nil
}

func unicode(a engine.Argument) (string, error) {
	s, ok := a.Value.(string)
	if a.Value != nil && !(ok && a.Type.IsUnicode()) {
		return "", sqltype.Errorf(214, 2, "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.")
	}
	return s, nil
}

// prepare gives a statement that can be read a handle.
func (c *conn) prepare(p prepared, output string, reply *reply) error {
	if _, err := tsql.Parse(p.statement); err != nil {
		return err
	}
	if len(c.handles) >= maxHandles {
		return sqltype.Errorf(8180, 1, "Statement(s) could not be prepared.")
	}
	c.lastID++
	c.handles[c.lastID] = p
	reply.handle, reply.handleName = c.lastID, output
	return nil
}
