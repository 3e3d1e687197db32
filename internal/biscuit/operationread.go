package biscuit

// operations reads the operations of an expression, which are in fields of number 1, or of a closure, of number 2.
func (r *blockReader) operations(m message, number uint32) (operations Operations, err error) {
	if operations, err = list[Operation](r, m.counts()[number]); err != nil {
		return nil, err
	}
	for m.more() {
		f, err := m.next()
		if err == nil && f.number == number {
			operations, err = appendRead(operations, &f, r.operation)
		}
		if err != nil {
			return nil, err
		}
	}
	return operations, nil
}

// operation reads one operation; of several members the last counts.
func (r *blockReader) operation(m message) (o Operation, err error) {
	var inner merged
	member := uint32(0)
	for m.more() {
		f, err := m.next()
		if err != nil {
			return o, err
		}
		if f.number < 1 || f.number > 4 {
			continue
		}
		if member != f.number {
			inner = merged{}
		}
		member = f.number
		if err = inner.add(&f, r.room); err != nil {
			return o, err
		}
	}
	switch member {
	case 1:
		o.kind = pushValue
		o.value, err = r.gatedTerm(inner.message)
	case 2:
		o.kind = applyUnary
		err = r.operator(&o, inner.message)
	case 3:
		o.kind = applyBinary
		err = r.operator(&o, inner.message)
	case 4:
		o.kind = pushClosure
		o.closure, err = r.closure(inner.message)
	default:
		err = errorf(Format, "block %d of the token has an empty operation", r.block)
	}
	return o, err
}

func (r *blockReader) operator(o *Operation, m message) error {
	var operator uint32
	var function uint64
	named := false
	for m.more() {
		f, err := m.next()
		if err != nil {
			return err
		}
		switch f.number {
		case 1:
			operator, err = f.number32()
		case 2:
			named = true
			function, err = f.number64()
		}
		if err != nil {
			return err
		}
	}
	known, call := uint32(unaryOperators), uint32(opUnaryCall)
	if o.kind == applyBinary {
		known, call = uint32(binaryOperators), uint32(opBinaryCall)
	}
	switch {
	case operator >= known:
		return errorf(Format, "block %d of the token has an unknown operator", r.block)
	case named != (operator == call):
		return errorf(Format, "block %d of the token has an external call without a name, or a name without a call", r.block)
	}
	o.operator = uint8(operator)
	if named {
		var err error
		if o.function, err = r.tables.symbol(function); err != nil {
			return err
		}
	}
	if least := o.since(); r.version < least {
		return needs(r.block, "has an operator that", least)
	}
	return nil
}

// since returns the block version from which on there is this operator.
func (o *Operation) since() uint32 {
	if o.kind == applyUnary {
		if o.operator == opType || o.operator == opUnaryCall {
			return version33
		}
		return version30
	}
	switch o.operator {
	case opBitAnd, opBitOr, opBitXor, opStrictUnequal:
		return version31
	case opEqual, opUnequal, opLazyAnd, opLazyOr, opAll, opAny, opBinaryCall, opTryOr:
		return version33
	}
	return version30
}

func (r *blockReader) closure(m message) (c *closure, err error) {
	if r.version < version33 {
		return nil, needs(r.block, "has a closure, which", version33)
	}
	c = new(closure)
	if c.body, err = r.operations(m, 2); err != nil {
		return nil, err
	}
	for m.more() {
		f, err := m.next()
		if err == nil && f.number == 1 {
			err = c.param(&f)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// param adds a parameter, or several where they are packed.
func (c *closure) param(f *field) error {
	if f.typ == wireBytes {
		packed := message{data: f.data}
		for packed.more() {
			n, err := packed.varint()
			if err != nil {
				return err
			}
			c.params = append(c.params, uint32(n))
		}
		return nil
	}
	n, err := f.number32()
	c.params = append(c.params, n)
	return err
}
