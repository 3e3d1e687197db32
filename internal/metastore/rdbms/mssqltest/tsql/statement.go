package tsql

import (
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// clauseWords end an expression without being reserved.
var clauseWords = map[string]bool{"OUTPUT": true, "OFFSET": true, "EXCEPT": true, "INTERSECT": true, "PERCENT": true}

// notRun has the first words of statements that are refused.
var notRun = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`MERGE WITH WHILE GRANT REVOKE DENY BACKUP RESTORE DBCC KILL BULK THROW RAISERROR OPEN
		FETCH CLOSE DEALLOCATE RECONFIGURE CHECKPOINT SAVE GOTO`) {
		m[w] = true
	}
	return m
}()

func upperOf(t token) string {
	if t.kind != word {
		return ""
	}
	return strings.ToUpper(t.text)
}

// statement reads one statement, without the semicolon behind it.
func (p *parser) statement() (Statement, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	start := p.peek()
	switch upper := upperOf(start); upper {
	case "SELECT":
		return p.query()
	case "INSERT":
		return p.insert()
	case "UPDATE":
		return p.update()
	case "DELETE":
		return p.remove()
	case "CREATE", "ALTER", "DROP", "TRUNCATE":
		return p.definition()
	case "SET":
		return p.set()
	case "DECLARE":
		return p.declare()
	case "IF":
		return p.ifElse()
	case "BEGIN":
		return p.begin()
	case "COMMIT", "ROLLBACK":
		p.at++
		if !p.accept("TRANSACTION") && !p.accept("TRAN") {
			p.accept("WORK")
		}
		return &Transaction{Verb: upper}, p.noName(upper)
	case "EXEC", "EXECUTE":
		p.at++
		return p.execute()
	case "USE":
		p.at++
		name, err := p.identifier()
		return &Use{Database: name}, err
	case "PRINT":
		p.at++
		value, err := p.expression()
		return &Print{Value: value}, err
	case "WAITFOR":
		p.at++
		if err := p.expect("DELAY"); err != nil {
			return nil, err
		}
		delay, err := p.primary()
		return &WaitFor{Delay: delay}, err
	case "RETURN":
		p.at++
		return &Return{}, nil
	default:
		if notRun[upper] {
			return nil, sqltype.Unsupported("the statement %s", upper)
		}
		return nil, p.unexpected()
	}
}

// noName refuses names of transactions, which nest in ways that are not known here.
func (p *parser) noName(after string) error {
	if p.peek().kind == word && !startsStatement(p.peek()) && !p.peek().is("ELSE") && !p.peek().is("END") {
		return sqltype.Unsupported("a name behind %s", after)
	}
	return nil
}

func startsStatement(t token) bool {
	switch upperOf(t) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "TRUNCATE", "SET", "DECLARE", "IF", "BEGIN",
		"COMMIT", "ROLLBACK", "EXEC", "EXECUTE", "USE", "PRINT", "WAITFOR", "RETURN", "MERGE", "WITH", "WHILE":
		return true
	}
	return false
}

func (p *parser) set() (Statement, error) {
	p.at++
	if p.peek().kind == variable {
		name := p.next().text
		if err := p.expect("="); err != nil {
			return nil, err
		}
		value, err := p.expression()
		return &SetVariable{Name: name, Value: value}, err
	}
	// SET A ON, SET A, B ON, SET TRANSACTION ISOLATION LEVEL x, SET LOCK_TIMEOUT -1, SET LANGUAGE x: words and a value.
	var words []string
	for {
		t := p.peek()
		sign := t.is("-") || t.is(",")
		if t.kind == end || t.kind == symbol && !sign || len(words) > 0 && startsStatement(t) {
			break
		}
		p.at++
		words = append(words, t.text)
	}
	if len(words) < 2 {
		return nil, p.unexpected()
	}
	last := len(words) - 1
	name := strings.ToUpper(strings.Join(words[:last], " "))
	return &SetOption{Name: name, Value: strings.ToUpper(words[last])}, nil
}

func (p *parser) declare() (Statement, error) {
	p.at++
	block := &Block{}
	for {
		d, err := p.declaration()
		if err != nil {
			return nil, err
		}
		block.Statements = append(block.Statements, &d)
		if !p.accept(",") {
			return block, nil
		}
	}
}

// declaration reads @name type [= value].
func (p *parser) declaration() (d Declare, err error) {
	if p.peek().kind != variable {
		return d, p.unexpected()
	}
	d.Name = p.next().text
	p.accept("AS")
	if d.Type, err = p.typeName(); err != nil {
		return d, err
	}
	if p.accept("=") {
		d.Value, err = p.expression()
	}
	return d, err
}

func (p *parser) ifElse() (Statement, error) {
	p.at++
	condition, err := p.expression()
	if err != nil {
		return nil, err
	}
	s := &If{Condition: condition}
	if s.Then, err = p.statement(); err != nil {
		return nil, err
	}
	before := p.at
	p.accept(";")
	if p.accept("ELSE") {
		s.Else, err = p.statement()
		return s, err
	}
	p.at = before
	return s, nil
}

func (p *parser) begin() (Statement, error) {
	p.at++
	switch {
	case p.accept("TRANSACTION"), p.accept("TRAN"):
		return &Transaction{Verb: "BEGIN"}, p.noName("BEGIN TRANSACTION")
	case p.peek().is("TRY"), p.peek().is("CATCH"), p.peek().is("DISTRIBUTED"):
		return nil, sqltype.Unsupported("BEGIN %s", upperOf(p.peek()))
	}
	block := &Block{}
	for {
		for p.accept(";") {
			continue
		}
		if p.accept("END") {
			if len(block.Statements) == 0 {
				return nil, p.unexpected()
			}
			return block, nil
		}
		s, err := p.statement()
		if err != nil {
			return nil, err
		}
		block.Statements = append(block.Statements, s)
	}
}

func (p *parser) execute() (Statement, error) {
	if p.peek().is("(") {
		return nil, sqltype.Unsupported("EXECUTE of a text")
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	e := &Execute{Procedure: name}
	for !p.peek().is(";") && p.peek().kind != end && !startsStatement(p.peek()) {
		argument := ""
		if p.peek().kind == variable && p.ahead(1).is("=") {
			argument = p.next().text
			p.at++
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.peek().is("OUTPUT") || p.peek().is("OUT") {
			return nil, sqltype.Unsupported("OUTPUT arguments of EXECUTE")
		}
		e.Names, e.Arguments = append(e.Names, argument), append(e.Arguments, value)
		if !p.accept(",") {
			break
		}
	}
	return e, nil
}
