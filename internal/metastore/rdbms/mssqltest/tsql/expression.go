package tsql

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/libasherah/libasherah/internal/metastore/rdbms/mssqltest/sqltype"
)

// expression reads a value or a condition; T-SQL keeps them apart, which is left to whoever runs it.
func (p *parser) expression() (Expression, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.chain([]string{"OR"}, func() (Expression, error) {
		return p.chain([]string{"AND"}, p.negated)
	})
}

// chain reads operands between operators of one precedence.
func (p *parser) chain(operators []string, operand func() (Expression, error)) (Expression, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for {
		operator := ""
		for _, o := range operators {
			if p.accept(o) {
				operator = o
				break
			}
		}
		if operator == "" {
			return left, nil
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = &Binary{Operator: operator, Left: left, Right: right}
	}
}

func (p *parser) negated() (Expression, error) {
	if !p.accept("NOT") {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	inner, err := p.negated()
	return &Not{Value: inner}, err
}

var comparisons = map[string]string{
	"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "!<": ">=", "!>": "<=",
}

func (p *parser) comparison() (Expression, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	if operator, ok := comparisons[p.peek().text]; ok && p.peek().kind == symbol {
		p.at++
		right, err := p.sum()
		return &Binary{Operator: operator, Left: left, Right: right}, err
	}
	if p.accept("IS") {
		not := p.accept("NOT")
		return negate(not, &IsNull{Value: left}), p.expect("NULL")
	}
	not := p.accept("NOT")
	switch {
	case p.accept("IN"):
		in, err := p.inList(left)
		return negate(not, in), err
	case p.accept("LIKE"):
		right, err := p.sum()
		if p.peek().is("ESCAPE") {
			return nil, sqltype.Unsupported("LIKE with ESCAPE")
		}
		return negate(not, &Binary{Operator: "LIKE", Left: left, Right: right}), err
	case p.accept("BETWEEN"):
		low, err := p.sum()
		if err == nil {
			err = p.expect("AND")
		}
		if err != nil {
			return nil, err
		}
		high, err := p.sum()
		return negate(not, &Between{Value: left, Low: low, High: high}), err
	case not:
		return nil, p.unexpected()
	}
	return left, nil
}

func negate(not bool, e Expression) Expression {
	if not {
		return &Not{Value: e}
	}
	return e
}

func (p *parser) inList(left Expression) (Expression, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	in := &In{Value: left}
	var err error
	if p.peek().is("SELECT") {
		in.Query, err = p.query()
	} else {
		in.List, err = p.expressions()
	}
	if err != nil {
		return nil, err
	}
	return in, p.expect(")")
}

// expressions reads a list with commas.
func (p *parser) expressions() ([]Expression, error) {
	var list []Expression
	for {
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		if !p.accept(",") {
			return list, nil
		}
	}
}

func (p *parser) sum() (Expression, error) {
	return p.chain([]string{"+", "-"}, func() (Expression, error) {
		return p.chain([]string{"*", "/", "%"}, p.signed)
	})
}

func (p *parser) signed() (Expression, error) {
	switch {
	case p.accept("+"):
		return p.signed()
	case p.peek().is("-") && p.ahead(1).kind == integer:
		p.at++
		p.tokens[p.at].text = "-" + p.tokens[p.at].text
		return p.collated()
	case p.accept("-"):
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		inner, err := p.signed()
		return &Negate{Value: inner}, err
	default:
		return p.collated()
	}
}

func (p *parser) collated() (Expression, error) {
	e, err := p.primary()
	for err == nil && p.accept("COLLATE") {
		var name string
		name, err = p.identifier()
		e = &Collate{Value: e, Name: name}
	}
	return e, err
}

func (p *parser) primary() (Expression, error) {
	t := p.peek()
	switch t.kind {
	case text, national:
		p.at++
		return &Literal{Value: t.text, National: t.kind == national}, nil
	case integer, decimal, hexadecimal:
		p.at++
		return number(t)
	case variable:
		p.at++
		return &Variable{Name: t.text}, nil
	case quoted:
		return p.columnOrCall()
	case word:
		return p.keyword()
	}
	if !p.accept("(") {
		return nil, p.unexpected()
	}
	if p.peek().is("SELECT") {
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		return &Subquery{Query: q}, p.expect(")")
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

// number makes a literal. Whole numbers beyond BIGINT are NUMERIC in T-SQL, which there is not: FLOAT.
func number(t token) (Expression, error) {
	if t.kind == hexadecimal {
		digits := t.text
		if len(digits)%2 == 1 {
			digits = "0" + digits
		}
		b, err := hex.DecodeString(digits)
		return &Literal{Value: b}, err
	}
	if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
		return &Literal{Value: n}, nil
	}
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, sqltype.Syntaxf(102, 1, "Incorrect syntax near '%s'.", t.text)
	}
	return &Literal{Value: f}, nil
}

// keyword reads what begins with a bare word.
func (p *parser) keyword() (Expression, error) {
	switch upper := strings.ToUpper(p.peek().text); upper {
	case "NULL":
		p.at++
		return &Literal{}, nil
	case "CASE":
		p.at++
		return p.caseOf()
	case "EXISTS":
		p.at++
		if err := p.expect("("); err != nil {
			return nil, err
		}
		q, err := p.query()
		if err != nil {
			return nil, err
		}
		return &Exists{Query: q}, p.expect(")")
	case "CAST", "TRY_CAST", "CONVERT", "TRY_CONVERT":
		if p.ahead(1).is("(") {
			p.at += 2
			return p.cast(strings.HasSuffix(upper, "CAST"), strings.HasPrefix(upper, "TRY"))
		}
	case "CURRENT_TIMESTAMP":
		p.at++
		return &Call{Name: "GETDATE"}, nil
	case "COALESCE", "NULLIF", "LEFT", "RIGHT":
		if p.ahead(1).is("(") {
			p.at++
			return p.call(Name{upper})
		}
	}
	return p.columnOrCall()
}

func (p *parser) columnOrCall() (Expression, error) {
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	if p.peek().is("(") {
		return p.call(name)
	}
	return &ColumnName{Name: name}, nil
}

func (p *parser) call(name Name) (Expression, error) {
	p.at++ // the parenthesis
	c := &Call{Name: strings.ToUpper(name.Last())}
	if len(name) > 1 {
		return nil, sqltype.Unsupported("the function %s", strings.Join(name, "."))
	}
	switch {
	case p.accept(")"):
		return c, p.afterCall()
	case p.acceptAll("*", ")"):
		c.Star = true
		return c, p.afterCall()
	case (c.Name == "DATEADD" || strings.HasPrefix(c.Name, "DATEDIFF") || c.Name == "DATEPART") && p.peek().kind == word:
		// The first argument is the name of a part of a date.
		c.Arguments = append(c.Arguments, &Literal{Value: strings.ToLower(p.next().text)})
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	c.Distinct = p.accept("DISTINCT")
	arguments, err := p.expressions()
	if err != nil {
		return nil, err
	}
	c.Arguments = append(c.Arguments, arguments...)
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return c, p.afterCall()
}

func (p *parser) afterCall() error {
	if p.peek().is("OVER") || p.peek().is("WITHIN") {
		return sqltype.Unsupported("window functions")
	}
	return nil
}

// cast reads CAST(value AS type) or CONVERT(type, value, style) behind the parenthesis.
func (p *parser) cast(as, try bool) (Expression, error) {
	c := &Cast{Try: try}
	var err error
	if as {
		if c.Value, err = p.expression(); err == nil {
			err = p.expect("AS")
		}
		if err == nil {
			c.Type, err = p.typeName()
		}
	} else {
		if c.Type, err = p.typeName(); err == nil {
			err = p.expect(",")
		}
		if err == nil {
			c.Value, err = p.expression()
		}
		if err == nil && p.accept(",") {
			c.Style, err = p.expression()
		}
	}
	if err != nil {
		return nil, err
	}
	return c, p.expect(")")
}

func (p *parser) caseOf() (Expression, error) {
	c := &Case{}
	var err error
	if !p.peek().is("WHEN") {
		if c.Value, err = p.expression(); err != nil {
			return nil, err
		}
	}
	for p.accept("WHEN") {
		when, err := p.expression()
		if err == nil {
			err = p.expect("THEN")
		}
		if err != nil {
			return nil, err
		}
		then, err := p.expression()
		if err != nil {
			return nil, err
		}
		c.When, c.Then = append(c.When, when), append(c.Then, then)
	}
	if len(c.When) == 0 {
		return nil, p.unexpected()
	}
	if p.accept("ELSE") {
		if c.Else, err = p.expression(); err != nil {
			return nil, err
		}
	}
	return c, p.expect("END")
}
