package engine

import (
	"context"
	"fmt"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/tsql"
)

// maxNesting bounds EXECUTE inside of EXECUTE, as a server does.
const maxNesting = 32

// Argument is a value that a procedure is called with.
type Argument struct {
	Name    string // with its @, "" for one by position
	Type    sqltype.Type
	Value   any
	Default bool // the client left the value to the server
}

// ExecuteSQL is sp_executesql: the statement, the declarations, the values.
func (s *Session) ExecuteSQL(ctx context.Context, given []Argument) ([]*Result, error) {
	if len(given) == 0 {
		return nil, sqltype.Errorf(201, 4, "Procedure or function 'sp_executesql' expects parameter '@statement', which "+
			"was not supplied.")
	}
	statement, err := unicodeArgument(given[0], "sp_executesql", "@statement")
	if err != nil {
		return nil, err
	}
	declared := ""
	if len(given) > 1 {
		if declared, err = unicodeArgument(given[1], "sp_executesql", "@params"); err != nil {
			return nil, err
		}
	}
	vars, err := s.Bind(statement, declared, given[min(2, len(given)):])
	if err != nil {
		return nil, err
	}
	if s.depth++; s.depth > maxNesting {
		s.depth--
		return nil, sqltype.Errorf(217, 1, "Maximum stored procedure, function, trigger, or view nesting level exceeded "+
			"(limit 32).")
	}
	defer func() { s.depth-- }()
	return s.Execute(ctx, statement, vars)
}

// unicodeArgument is a text that must be NVARCHAR, NCHAR or NTEXT.
func unicodeArgument(a Argument, procedure, name string) (string, error) {
	text, ok := a.Value.(string)
	if a.Value != nil && !(ok && a.Type.IsUnicode()) {
		return "", sqltype.Errorf(214, 2, "Procedure expects parameter '%s' of type 'ntext/nchar/nvarchar'.", name)
	}
	return text, nil
}

// Bind makes variables of declarations and the values given for them, by name or by position.
func (s *Session) Bind(statement, declared string, given []Argument) (*Variables, error) {
	declarations, err := tsql.ParseDeclarations(declared)
	if err != nil {
		return nil, err
	}
	vars := s.DB.NewVariables()
	for _, d := range declarations {
		t, err := sqltype.Named(d.Type.Name, d.Type.Length, false)
		if err != nil {
			return nil, err
		}
		if t.IsString() {
			t.Collation = s.DB.Collation
		}
		if err := vars.Declare(d.Name, t, nil); err != nil {
			return nil, err
		}
	}
	set := make([]bool, len(declarations))
	for i, a := range given {
		at := i
		if a.Name != "" {
			at = vars.find(a.Name)
		}
		if at < 0 {
			return nil, sqltype.Errorf(8145, 2, "%s is not a parameter for procedure sp_executesql.", a.Name)
		}
		if at >= len(declarations) {
			return nil, sqltype.Errorf(8144, 2, "Procedure or function sp_executesql has too many arguments specified.")
		}
		if a.Default {
			continue
		}
		set[at] = true
		if err := s.bindOne(vars, at, a); err != nil {
			return nil, err
		}
	}
	for i, d := range declarations {
		if !set[i] && d.Value == nil {
			return nil, sqltype.Errorf(8178, 1, "The parameterized query '(%s)%s' expects the parameter '%s', which was not "+
				"supplied.",
				declared, statement, d.Name)
		}
	}
	return vars, nil
}

// bindOne converts a value to what is declared. What is too long is cut in silence; that is noted.
func (s *Session) bindOne(vars *Variables, at int, a Argument) error {
	t := vars.types[at]
	conversion := sqltype.Conversion{
		Compat: s.DB.Compat,
		Lost:   func(from, to string) { s.note(NoteLost, vars.names[at], fmt.Sprintf("%q became %q", from, to)) },
	}
	v, err := conversion.Convert(a.Value, a.Type, t)
	if err != nil {
		return err
	}
	fitted, cut := sqltype.Fit(v, t)
	if cut {
		s.note(NoteCut, vars.names[at], fmt.Sprintf("to %s", t))
	}
	vars.value[at] = fitted
	return nil
}
