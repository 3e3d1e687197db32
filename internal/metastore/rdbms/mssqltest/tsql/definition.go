package tsql

import "github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"

// definition reads CREATE, ALTER, DROP and TRUNCATE.
func (p *parser) definition() (Statement, error) {
	verb := upperOf(p.next())
	switch {
	case verb == "CREATE" && p.accept("TABLE"):
		return p.createTable()
	case verb == "CREATE" && p.accept("SCHEMA"):
		name, err := p.identifier()
		return &CreateSchema{Name: name}, err
	case verb == "CREATE" && (p.peek().is("UNIQUE") || p.peek().is("CLUSTERED") || p.peek().is("NONCLUSTERED") ||
		p.peek().is("INDEX")):
		return p.createIndex()
	case verb == "ALTER" && p.accept("TABLE"):
		return p.alterTable()
	case verb == "DROP" && p.accept("TABLE"):
		return p.dropTable()
	case verb == "TRUNCATE":
		if err := p.expect("TABLE"); err != nil {
			return nil, err
		}
		table, err := p.name()
		return &Truncate{Table: table}, err
	}
	return nil, sqltype.Unsupported("%s %s", verb, p.peek().text)
}

func (p *parser) createTable() (Statement, error) {
	table, err := p.name()
	if err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	s := &CreateTable{Table: table}
	for {
		if p.peek().is("CONSTRAINT") || p.peek().is("PRIMARY") || p.peek().is("UNIQUE") {
			index, err := p.constraint()
			if err != nil {
				return nil, err
			}
			s.Indexes = append(s.Indexes, index)
		} else if err := p.column(s); err != nil {
			return nil, err
		}
		if p.accept(",") && !p.peek().is(")") {
			continue
		}
		if err := p.expect(")"); err != nil {
			return nil, err
		}
		return s, p.storage()
	}
}

// storage skips ON filegroup and WITH (options).
func (p *parser) storage() error {
	if p.accept("ON") {
		if _, err := p.identifierOrReserved(); err != nil {
			return err
		}
	}
	if p.accept("TEXTIMAGE_ON") {
		if _, err := p.identifierOrReserved(); err != nil {
			return err
		}
	}
	if p.accept("WITH") {
		return p.parenthesis()
	}
	return nil
}

// identifierOrReserved reads a name, which may be PRIMARY: the file group.
func (p *parser) identifierOrReserved() (string, error) {
	if t := p.peek(); t.kind == word || t.kind == quoted {
		p.at++
		return t.text, nil
	}
	return "", p.unexpected()
}

func (p *parser) column(s *CreateTable) error {
	name, err := p.identifier()
	if err != nil {
		return err
	}
	if p.peek().is("AS") {
		return sqltype.Unsupported("computed columns")
	}
	// A column of the type TIMESTAMP may stand without a name of its own; nobody means that.
	c := Column{Name: name}
	if c.Type, err = p.typeName(); err != nil {
		return err
	}
	for {
		yes, no := true, false
		switch {
		case p.accept("COLLATE"):
			c.Collation, err = p.identifier()
		case p.acceptAll("NOT", "NULL"):
			c.Null = &no
		case p.accept("NULL"):
			c.Null = &yes
		case p.accept("DEFAULT"):
			c.Default, err = p.sum()
		case p.peek().is("CONSTRAINT") && p.ahead(2).is("DEFAULT"):
			p.at += 3
			c.Default, err = p.sum()
		case p.peek().is("CONSTRAINT"), p.peek().is("PRIMARY"), p.peek().is("UNIQUE"):
			var index Index
			index, err = p.constraint()
			if len(index.Columns) == 0 {
				index.Columns = []Order{{By: &ColumnName{Name: Name{name}}}}
			}
			s.Indexes = append(s.Indexes, index)
		case p.peek().is("IDENTITY"), p.peek().is("CHECK"), p.peek().is("REFERENCES"), p.peek().is("ROWGUIDCOL"),
			p.peek().is("SPARSE"), p.peek().is("MASKED"), p.peek().is("ENCRYPTED"):
			return sqltype.Unsupported("%s of a column", upperOf(p.peek()))
		default:
			s.Columns = append(s.Columns, c)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// constraint reads PRIMARY KEY or UNIQUE, with a name or without.
func (p *parser) constraint() (index Index, err error) {
	index.Constraint, index.Unique = true, true
	if p.accept("CONSTRAINT") {
		if index.Name, err = p.identifier(); err != nil {
			return index, err
		}
	}
	switch {
	case p.acceptAll("PRIMARY", "KEY"):
		index.Primary = true
	case p.accept("UNIQUE"):
	default:
		return index, sqltype.Unsupported("the constraint %s", p.peek().text)
	}
	p.clustered(&index)
	if p.peek().is("(") {
		if index.Columns, err = p.keyColumns(); err != nil {
			return index, err
		}
	}
	return index, p.indexOptions(&index)
}

func (p *parser) clustered(index *Index) {
	yes, no := true, false
	if p.accept("CLUSTERED") {
		index.Clustered = &yes
	} else if p.accept("NONCLUSTERED") {
		index.Clustered = &no
	}
}

func (p *parser) keyColumns() ([]Order, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var columns []Order
	for {
		name, err := p.identifier()
		if err != nil {
			return nil, err
		}
		o := Order{By: &ColumnName{Name: Name{name}}}
		if !p.accept("ASC") {
			o.Descending = p.accept("DESC")
		}
		columns = append(columns, o)
		if !p.accept(",") {
			return columns, p.expect(")")
		}
	}
}

// indexOptions reads WITH (…), of which IGNORE_DUP_KEY counts, and skips the file group.
func (p *parser) indexOptions(index *Index) error {
	if p.peek().is("WITH") && p.ahead(1).is("(") {
		p.at++
		begin := p.at
		if err := p.parenthesis(); err != nil {
			return err
		}
		for i := begin; i+2 < p.at; i++ {
			if p.tokens[i].is("IGNORE_DUP_KEY") && p.tokens[i+1].is("=") && p.tokens[i+2].is("ON") {
				index.IgnoreDupKey = true
			}
		}
	}
	if p.accept("ON") {
		_, err := p.identifierOrReserved()
		return err
	}
	return nil
}

func (p *parser) createIndex() (Statement, error) {
	index := &Index{Unique: p.accept("UNIQUE")}
	p.clustered(index)
	err := p.expect("INDEX")
	if err == nil {
		index.Name, err = p.identifier()
	}
	if err == nil {
		err = p.expect("ON")
	}
	if err == nil {
		index.Table, err = p.name()
	}
	if err == nil {
		index.Columns, err = p.keyColumns()
	}
	if err != nil {
		return nil, err
	}
	if p.accept("INCLUDE") {
		if _, err := p.names(); err != nil {
			return nil, err
		}
	}
	if p.accept("WHERE") {
		if index.Filter, err = p.expression(); err != nil {
			return nil, err
		}
	}
	return index, p.indexOptions(index)
}

func (p *parser) alterTable() (Statement, error) {
	table, err := p.name()
	if err != nil {
		return nil, err
	}
	p.acceptAll("WITH", "CHECK")
	if !p.accept("ADD") || !(p.peek().is("CONSTRAINT") || p.peek().is("PRIMARY") || p.peek().is("UNIQUE")) {
		return nil, sqltype.Unsupported("ALTER TABLE but for ADD CONSTRAINT of a key")
	}
	index, err := p.constraint()
	if err != nil {
		return nil, err
	}
	index.Table = table
	return &index, nil
}

func (p *parser) dropTable() (Statement, error) {
	s := &DropTable{IfExists: p.acceptAll("IF", "EXISTS")}
	for {
		table, err := p.name()
		if err != nil {
			return nil, err
		}
		s.Tables = append(s.Tables, table)
		if !p.accept(",") {
			return s, nil
		}
	}
}
