package biscuit

// Operations is an expression: what its operations leave on the stack.
type Operations []Operation

// Operation is one step of an expression.
type Operation struct {
	kind     operationKind
	operator uint8    // of the format's numbering
	value    Term     // to push
	closure  *closure // to push
	function string   // of an external call
}

type operationKind uint8

const (
	pushValue operationKind = iota
	pushClosure
	applyUnary
	applyBinary
)

// closure is an expression that its operator evaluates, as often as it sees fit.
type closure struct {
	params []uint32
	body   Operations
}

// Push pushes a value, or what a variable is bound to.
func Push(t Term) Operation { return Operation{kind: pushValue, value: t} }

// The unary operators.
const (
	opNot uint8 = iota
	opParens
	opLength
	opType
	opUnaryCall

	unaryOperators
)

// The binary operators.
const (
	opLess uint8 = iota
	opGreater
	opLessOrEqual
	opGreaterOrEqual
	opStrictEqual
	opContains
	opStartsWith
	opEndsWith
	opMatches
	opAdd
	opSubtract
	opMultiply
	opDivide
	opAnd
	opOr
	opIntersection
	opUnion
	opBitAnd
	opBitOr
	opBitXor
	opStrictUnequal
	opEqual
	opUnequal
	opLazyAnd
	opLazyOr
	opAll
	opAny
	opGet
	opBinaryCall
	opTryOr

	binaryOperators
)
