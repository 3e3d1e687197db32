package tsql

import "github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"

func (p *parser) insert() (Statement, error) {
	p.at++
	p.accept("INTO")
	table, err := p.name()
	if err != nil {
		return nil, err
	}
	if err := p.hints(); err != nil {
		return nil, err
	}
	s := &Insert{Table: table}
	if p.peek().is("(") && !p.ahead(1).is("SELECT") {
		if s.Columns, err = p.names(); err != nil {
			return nil, err
		}
	}
	switch {
	case p.peek().is("OUTPUT"):
		return nil, sqltype.Unsupported("OUTPUT")
	case p.acceptAll("DEFAULT", "VALUES"):
		s.Columns, s.Rows = []string{}, [][]Expression{{}}
		return s, nil
	case p.accept("VALUES"):
		for {
			row, err := p.row()
			if err != nil {
				return nil, err
			}
			s.Rows = append(s.Rows, row)
			if !p.accept(",") {
				return s, nil
			}
		}
	case p.peek().is("SELECT"):
		s.Query, err = p.query()
		return s, err
	case p.acceptAll("("):
		if s.Query, err = p.query(); err != nil {
			return nil, err
		}
		return s, p.expect(")")
	}
	return nil, p.unexpected()
}

// row reads (value, DEFAULT, …).
func (p *parser) row() ([]Expression, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var row []Expression
	for {
		if p.accept("DEFAULT") {
			row = append(row, nil)
		} else {
			e, err := p.expression()
			if err != nil {
				return nil, err
			}
			row = append(row, e)
		}
		if !p.accept(",") {
			return row, p.expect(")")
		}
	}
}

func (p *parser) update() (Statement, error) {
	p.at++
	table, err := p.name()
	if err != nil {
		return nil, err
	}
	if err := p.hints(); err != nil {
		return nil, err
	}
	if err := p.expect("SET"); err != nil {
		return nil, err
	}
	s := &Update{Table: table}
	for {
		column, err := p.name()
		if err == nil {
			err = p.expect("=")
		}
		if err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		s.Columns, s.Values = append(s.Columns, column.Last()), append(s.Values, value)
		if !p.accept(",") {
			break
		}
	}
	s.Where, err = p.filter()
	return s, err
}

// filter reads the WHERE of UPDATE and DELETE.
func (p *parser) filter() (Expression, error) {
	if p.peek().is("FROM") || p.peek().is("OUTPUT") {
		return nil, sqltype.Unsupported("%s in UPDATE and DELETE", upperOf(p.peek()))
	}
	if !p.accept("WHERE") {
		return nil, nil
	}
	return p.expression()
}

func (p *parser) remove() (Statement, error) {
	p.at++
	if p.peek().is("TOP") {
		return nil, sqltype.Unsupported("DELETE TOP")
	}
	p.accept("FROM")
	table, err := p.name()
	if err != nil {
		return nil, err
	}
	if err := p.hints(); err != nil {
		return nil, err
	}
	s := &Delete{Table: table}
	s.Where, err = p.filter()
	return s, err
}
