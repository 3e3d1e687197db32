package biscuit

// item is what stands on the stack of an expression: a term, or a closure that its operator is to evaluate.
type item struct {
	term    Term
	closure *closure
}

// value evaluates an expression as the variables are bound.
func (e *evaluation) value(operations Operations) (Term, error) {
	base := len(e.stack)
	for i := range operations {
		if err := e.spend(1); err != nil {
			return Term{}, err
		}
		if err := e.perform(&operations[i], base); err != nil {
			return Term{}, err
		}
	}
	if len(e.stack) != base+1 || e.stack[base].closure != nil {
		return Term{}, errorf(Expression, "an expression of the token does not leave one value")
	}
	result := e.stack[base].term
	e.stack = e.stack[:base]
	return result, nil
}

// perform does one operation on the stack from base on.
func (e *evaluation) perform(o *Operation, base int) error {
	switch o.kind {
	case pushClosure:
		e.stack = append(e.stack, item{closure: o.closure})
		return nil
	case pushValue:
		t := &o.value
		if t.kind == KindVariable {
			if t = e.bound[t.number]; t == nil {
				return errorf(Expression, "an expression of the token has an unknown variable")
			}
		}
		e.stack = append(e.stack, item{term: *t})
		return nil
	case applyUnary:
		if len(e.stack) <= base || e.stack[len(e.stack)-1].closure != nil {
			return missingOperand()
		}
		top := &e.stack[len(e.stack)-1].term
		result, err := e.unary(o, top)
		*top = result
		return err
	}
	n := len(e.stack) - 2
	if n < base {
		return missingOperand()
	}
	left, right := e.stack[n], e.stack[n+1]
	e.stack = e.stack[:n]
	var result Term
	var err error
	switch {
	case left.closure == nil && right.closure == nil:
		result, err = e.binary(o, &left.term, &right.term)
	case left.closure == nil:
		result, err = e.apply(o.operator, &left.term, right.closure)
	case right.closure == nil:
		result, err = e.apply(o.operator, &right.term, left.closure)
	default:
		err = missingOperand()
	}
	if err == nil {
		e.stack = append(e.stack, item{term: result})
	}
	return err
}

func missingOperand() error {
	return errorf(Expression, "an operator in an expression of the token lacks an operand")
}

func wrongType(kinds ...Kind) error {
	if len(kinds) == 2 {
		return errorf(Expression, "an operator in an expression of the token does not take %s and %s", kinds[0], kinds[1])
	}
	return errorf(Expression, "an operator in an expression of the token does not take %s", kinds[0])
}

// apply evaluates an operator that has a closure for one operand.
func (e *evaluation) apply(operator uint8, t *Term, c *closure) (Term, error) {
	switch {
	case len(c.params) > 1: // no operator takes them; they are not looked at, which could cost more than a step
	case len(c.params) == 1 && e.bound[c.params[0]] != nil:
		return Term{}, errorf(Expression, "a closure of the token has a parameter that is a variable already")
	case operator == opTryOr && len(c.params) == 0:
		return e.tryOr(c, t)
	case (operator == opLazyAnd || operator == opLazyOr) && len(c.params) == 0 && t.kind == KindBool:
		if t.isTrue() == (operator == opLazyOr) {
			return *t, nil
		}
		return e.value(c.body)
	case (operator == opAll || operator == opAny) && len(c.params) == 1:
		return e.quantify(operator == opAll, t, c)
	}
	return Term{}, errorf(Expression, "an operator in an expression of the token does not take this closure")
}

// tryOr evaluates the closure, and takes the other operand where that fails. A limit is no failure of the expression.
func (e *evaluation) tryOr(c *closure, otherwise *Term) (Term, error) {
	depth := len(e.stack)
	result, err := e.value(c.body)
	if failure, ok := err.(*Error); ok && failure.Class == Expression {
		const words = 8 // steps that the words of the failure cost
		e.stack = e.stack[:depth]
		return *otherwise, e.spend(words)
	}
	return result, err
}

// quantify evaluates the closure for the elements of a set or array, or for each [key, value] of a map, until one
// decides.
func (e *evaluation) quantify(all bool, t *Term, c *closure) (Term, error) {
	if t.kind != KindSet && t.kind != KindArray && t.kind != KindMap {
		return Term{}, wrongType(t.kind)
	}
	param := c.params[0]
	defer func() { e.bound[param] = nil }()
	step := 1
	var entry *Term
	if t.kind == KindMap {
		step, entry = 2, &Term{kind: KindArray}
	}
	for i := 0; i < len(t.parts); i += step {
		e.bound[param] = &t.parts[i]
		if entry != nil {
			entry.parts = t.parts[i : i+2 : i+2]
			e.bound[param] = entry
		}
		if err := e.spend(1); err != nil {
			return Term{}, err
		}
		result, err := e.value(c.body)
		if err != nil {
			return Term{}, err
		}
		if result.kind != KindBool {
			return Term{}, wrongType(result.kind)
		}
		if result.isTrue() != all {
			return result, nil
		}
	}
	return Bool(all), nil
}

func (e *evaluation) unary(o *Operation, t *Term) (Term, error) {
	switch o.operator {
	case opNot:
		if t.kind == KindBool {
			return Bool(!t.isTrue()), nil
		}
	case opParens:
		return *t, nil
	case opLength:
		switch t.kind {
		case KindString, KindBytes:
			return Integer(int64(len(t.text))), nil
		case KindSet, KindArray, KindMap:
			return Integer(int64(t.length())), nil
		}
	case opType:
		if t.kind != KindVariable {
			return String(t.kind.String()), nil
		}
	case opUnaryCall:
		return Term{}, noFunction()
	}
	return Term{}, wrongType(t.kind)
}

func noFunction() error {
	return errorf(Expression, "an expression of the token calls an external function; there are none")
}
