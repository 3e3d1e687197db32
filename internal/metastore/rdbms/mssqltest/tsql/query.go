package tsql

import (
	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// query reads SELECT with what belongs to it.
func (p *parser) query() (*Select, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	q := &Select{}
	if !p.accept("ALL") {
		q.Distinct = p.accept("DISTINCT")
	}
	if err := p.top(q); err != nil {
		return nil, err
	}
	for {
		item, err := p.item()
		if err != nil {
			return nil, err
		}
		q.Items = append(q.Items, item)
		if !p.accept(",") {
			break
		}
	}
	for _, clause := range []func(*Select) error{p.from, p.where, p.groupBy, p.orderBy} {
		if err := clause(q); err != nil {
			return nil, err
		}
	}
	for _, s := range []string{"UNION", "EXCEPT", "INTERSECT", "INTO", "FOR", "OFFSET"} {
		if p.peek().is(s) {
			return nil, sqltype.Unsupported("SELECT with %s", s)
		}
	}
	if p.accept("OPTION") {
		return q, p.parenthesis()
	}
	return q, nil
}

func (p *parser) top(q *Select) (err error) {
	if !p.accept("TOP") {
		return nil
	}
	if p.accept("(") {
		if q.Top, err = p.expression(); err == nil {
			err = p.expect(")")
		}
	} else {
		n := 0
		n, err = p.count()
		q.Top = &Literal{Value: int64(n)}
	}
	if err == nil && (p.peek().is("PERCENT") || p.peek().is("WITH")) {
		err = sqltype.Unsupported("TOP with PERCENT or TIES")
	}
	return err
}

func (p *parser) item() (Item, error) {
	if p.accept("*") {
		return Item{Star: true}, nil
	}
	if (p.peek().kind == word || p.peek().kind == quoted) && p.ahead(1).is(".") && p.ahead(2).is("*") {
		of := Name{p.next().text}
		p.at += 2
		return Item{Star: true, Of: of}, nil
	}
	if p.peek().kind == variable && p.ahead(1).is("=") {
		name := p.next().text
		p.at++
		value, err := p.expression()
		return Item{Assign: name, Value: value}, err
	}
	if t := p.peek(); (t.kind == word || t.kind == quoted) && p.ahead(1).is("=") { // alias = value
		p.at += 2
		value, err := p.expression()
		return Item{Alias: t.text, Value: value}, err
	}
	value, err := p.expression()
	if err != nil {
		return Item{}, err
	}
	item := Item{Value: value}
	item.Alias, err = p.alias(true)
	return item, err
}

// alias reads [AS] name, or nothing. Columns may have a text for it.
func (p *parser) alias(column bool) (string, error) {
	as := p.accept("AS")
	if column && p.peek().kind == text {
		return p.next().text, nil
	}
	t := p.peek()
	if !as && (t.kind == word && (reserved[upperOf(t)] || clauseWords[upperOf(t)]) || t.kind != word && t.kind != quoted) {
		return "", nil
	}
	return p.identifier()
}

func (p *parser) from(q *Select) error {
	if !p.accept("FROM") {
		return nil
	}
	first, err := p.source()
	if err != nil {
		return err
	}
	q.From = []Source{first}
	for {
		left, cross := false, false
		switch {
		case p.accept(","), p.acceptAll("CROSS", "JOIN"):
			cross = true
		case p.accept("JOIN"), p.acceptAll("INNER", "JOIN"):
		case p.acceptAll("LEFT", "JOIN"), p.acceptAll("LEFT", "OUTER", "JOIN"):
			left = true
		case p.peek().is("RIGHT"), p.peek().is("FULL"), p.peek().is("OUTER"), p.peek().is("CROSS"):
			return sqltype.Unsupported("RIGHT, FULL and APPLY joins")
		default:
			return nil
		}
		s, err := p.source()
		if err != nil {
			return err
		}
		s.Left = left
		if !cross {
			if err := p.expect("ON"); err != nil {
				return err
			}
			if s.On, err = p.expression(); err != nil {
				return err
			}
		}
		q.From = append(q.From, s)
	}
}

func (p *parser) source() (s Source, err error) {
	if p.accept("(") {
		if s.Query, err = p.query(); err == nil {
			err = p.expect(")")
		}
	} else {
		s.Table, err = p.name()
		if err == nil && p.peek().is("(") && !isHint(p.ahead(1)) {
			err = sqltype.Unsupported("table functions")
		}
	}
	if err != nil {
		return s, err
	}
	if s.Alias, err = p.alias(false); err != nil {
		return s, err
	}
	return s, p.hints()
}

func isHint(t token) bool {
	switch upperOf(t) {
	case "NOLOCK", "UPDLOCK", "HOLDLOCK", "READPAST", "ROWLOCK", "TABLOCK", "TABLOCKX", "XLOCK", "SERIALIZABLE",
		"READCOMMITTED", "READUNCOMMITTED", "REPEATABLEREAD", "FORCESEEK":
		return true
	}
	return false
}

// hints skips table hints: one transaction runs at a time here.
func (p *parser) hints() error {
	if p.peek().is("(") && isHint(p.ahead(1)) || p.peek().is("WITH") && p.ahead(1).is("(") && isHint(p.ahead(2)) {
		p.accept("WITH")
		return p.parenthesis()
	}
	return nil
}

// parenthesis skips what stands between two that belong together.
func (p *parser) parenthesis() error {
	if !p.peek().is("(") {
		return p.unexpected()
	}
	for depth := 0; ; {
		switch t := p.next(); {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth == 0 {
				return nil
			}
		case t.kind == end:
			return p.unexpected()
		}
	}
}

func (p *parser) where(q *Select) (err error) {
	if p.accept("WHERE") {
		q.Where, err = p.expression()
	}
	return err
}

func (p *parser) groupBy(q *Select) (err error) {
	if p.acceptAll("GROUP", "BY") {
		if q.GroupBy, err = p.expressions(); err != nil {
			return err
		}
	}
	if p.accept("HAVING") {
		q.Having, err = p.expression()
	}
	return err
}

func (p *parser) orderBy(q *Select) error {
	if !p.acceptAll("ORDER", "BY") {
		return nil
	}
	for {
		by, err := p.expression()
		if err != nil {
			return err
		}
		o := Order{By: by}
		if !p.accept("ASC") {
			o.Descending = p.accept("DESC")
		}
		q.OrderBy = append(q.OrderBy, o)
		if !p.accept(",") {
			return nil
		}
	}
}
