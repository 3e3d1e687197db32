package tsql

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// maxDepth bounds how deep expressions and blocks nest, as a server's own stack does.
const maxDepth = 200

type parser struct {
	tokens []token
	at     int
	depth  int
}

// Parse reads a batch. Errors are those of a server: 102, 105, 113, 156, or 50000 for what mssqltest does not run.
func Parse(batch string) ([]Statement, error) {
	tokens, err := scan(batch)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	var statements []Statement
	for {
		for p.accept(";") {
			continue
		}
		if p.peek().kind == end {
			return statements, nil
		}
		read := p.statement
		if len(statements) == 0 && p.callsProcedure() {
			read = p.execute
		}
		s, err := read()
		if err != nil {
			return nil, err
		}
		statements = append(statements, s)
	}
}

// callsProcedure is true of a name at the very beginning of a batch, where EXECUTE may be left out.
func (p *parser) callsProcedure() bool {
	t := p.peek()
	upper := upperOf(t)
	return t.kind == quoted || t.kind == word && !reserved[upper] && !notRun[upper] && !startsStatement(t)
}

// ParseDeclarations reads the second argument of sp_executesql: "@p1 nvarchar(7), @p2 int output".
func ParseDeclarations(s string) ([]Declare, error) {
	tokens, err := scan(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	var declared []Declare
	for p.peek().kind != end {
		d, err := p.declaration()
		if err != nil {
			return nil, err
		}
		if !p.accept("OUTPUT") {
			p.accept("OUT")
		}
		declared = append(declared, d)
		if p.peek().kind == end {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	return declared, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

// ahead looks n tokens behind the next one.
func (p *parser) ahead(n int) token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// accept takes the next token if it is s.
func (p *parser) accept(s string) bool {
	if p.peek().is(s) {
		p.at++
		return true
	}
	return false
}

// acceptAll takes several tokens or none.
func (p *parser) acceptAll(words ...string) bool {
	for i, s := range words {
		if !p.ahead(i).is(s) {
			return false
		}
	}
	p.at += len(words)
	return true
}

func (p *parser) expect(s string) error {
	if p.accept(s) {
		return nil
	}
	return p.unexpected()
}

func (p *parser) unexpected() error {
	t := p.peek()
	switch {
	case t.kind == end && p.at > 0:
		return sqltype.Syntaxf(102, 1, "Incorrect syntax near '%s'.", p.tokens[p.at-1].text)
	case t.kind == word && reserved[strings.ToUpper(t.text)]:
		return sqltype.Syntaxf(156, 1, "Incorrect syntax near the keyword '%s'.", t.text)
	default:
		return sqltype.Syntaxf(102, 1, "Incorrect syntax near '%s'.", t.text)
	}
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return sqltype.Syntaxf(191, 1, "Some part of your SQL statement is nested too deeply. Rewrite the query or break "+
			"it up into smaller queries.")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// reserved has the words that are no names without brackets.
var reserved = func() map[string]bool {
	words := `ADD ALL ALTER AND ANY AS ASC BEGIN BETWEEN BY CASE CHECK CLUSTERED COALESCE COLLATE COLUMN COMMIT CONSTRAINT
		CONVERT CREATE CROSS CURRENT_TIMESTAMP DATABASE DECLARE DEFAULT DELETE DESC DISTINCT DROP ELSE END EXEC EXECUTE
		EXISTS FOR FOREIGN FROM FULL GO GRANT GROUP HAVING IF IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIKE MERGE
		NONCLUSTERED NOT NULL NULLIF OFF ON OPTION OR ORDER OUTER OVER PRIMARY PRINT PROC PROCEDURE RETURN RIGHT ROLLBACK
		SCHEMA SELECT SET TABLE THEN TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT UNION UNIQUE UPDATE USE USER
		VALUES VIEW WAITFOR WHEN WHERE WHILE WITH`
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}()

// identifier reads a name that stands alone.
func (p *parser) identifier() (string, error) {
	t := p.peek()
	if t.kind == quoted || t.kind == word && !reserved[strings.ToUpper(t.text)] {
		p.at++
		return t.text, nil
	}
	return "", p.unexpected()
}

// name reads a name of up to four parts; empty ones, as in a..b, stay empty.
func (p *parser) name() (Name, error) {
	first, err := p.identifier()
	if err != nil {
		return nil, err
	}
	name := Name{first}
	for p.peek().is(".") && !p.ahead(1).is("*") {
		p.at++
		if p.peek().is(".") {
			name = append(name, "")
			continue
		}
		// Behind a point even reserved words are names.
		if t := p.peek(); t.kind != word && t.kind != quoted {
			return nil, p.unexpected()
		}
		name = append(name, p.next().text)
	}
	if len(name) > 4 {
		return nil, sqltype.Syntaxf(117, 1, "The object name contains more than the maximum number of prefixes. The "+
			"maximum is 3.")
	}
	return name, nil
}

// typeName reads a data type.
func (p *parser) typeName() (TypeName, error) {
	name, err := p.name()
	if err != nil {
		return TypeName{}, err
	}
	t := TypeName{Name: name.Last()}
	if t.Name == "double" && p.accept("precision") {
		t.Name = "float"
	}
	if p.accept("varying") {
		t.Name += " varying"
	}
	if !p.accept("(") {
		return t, nil
	}
	length := sqltype.Max
	if !p.accept("MAX") {
		if length, err = p.count(); err != nil {
			return t, err
		}
		if p.peek().is(",") {
			return t, sqltype.Unsupported("the data type %s with a scale", t.Name)
		}
	}
	t.Length = &length
	return t, p.expect(")")
}

// count reads a number that fits an int.
func (p *parser) count() (int, error) {
	t := p.peek()
	if t.kind != integer || len(t.text) > 9 {
		return 0, p.unexpected()
	}
	p.at++
	n := 0
	for _, r := range t.text {
		n = 10*n + int(r-'0')
	}
	return n, nil
}

// names reads a list in parentheses.
func (p *parser) names() ([]string, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var names []string
	for {
		name, err := p.identifier()
		if err != nil {
			return nil, err
		}
		names = append(names, name)
		if !p.accept(",") {
			return names, p.expect(")")
		}
	}
}

// ParseName reads a name of up to four parts, as OBJECT_ID is given it.
func ParseName(s string) (Name, error) {
	tokens, err := scan(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	name, err := p.name()
	if err == nil && p.peek().kind != end {
		err = p.unexpected()
	}
	return name, err
}
