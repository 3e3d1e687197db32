package biscuit

import "math/bits"

// integers evaluates an operator on two integers. What does not fit 64 bits is an error.
func integers(operator uint8, a, b int64) (Term, error) {
	if result, ok := ordered(operator, a, b); ok {
		return result, nil
	}
	switch operator {
	case opAdd:
		sum := a + b
		if (a >= 0) == (b >= 0) && (sum >= 0) != (a >= 0) {
			return Term{}, overflow()
		}
		return Integer(sum), nil
	case opSubtract:
		difference := a - b
		if (a >= 0) != (b >= 0) && (difference >= 0) != (a >= 0) {
			return Term{}, overflow()
		}
		return Integer(difference), nil
	case opMultiply:
		high, low := bits.Mul64(magnitude(a), magnitude(b))
		negative := (a < 0) != (b < 0)
		switch {
		case high != 0, !negative && low >= 1<<63, negative && low > 1<<63:
			return Term{}, overflow()
		case negative:
			return Integer(int64(-low)), nil
		}
		return Integer(int64(low)), nil
	case opDivide:
		switch {
		case b == 0:
			return Term{}, errorf(Expression, "an expression of the token divides by zero")
		case b == -1 && a == -a && a != 0: // the least integer, whose opposite does not fit
			return Term{}, overflow()
		}
		return Integer(a / b), nil
	case opBitAnd:
		return Integer(a & b), nil
	case opBitOr:
		return Integer(a | b), nil
	case opBitXor:
		return Integer(a ^ b), nil
	}
	return Term{}, wrongType(KindInteger, KindInteger)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func overflow() error {
	return errorf(Expression, "an expression of the token has an integer that does not fit 64 bits")
}
