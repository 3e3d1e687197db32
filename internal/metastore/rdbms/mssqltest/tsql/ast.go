// Package tsql reads the part of Transact-SQL that mssqltest runs.
package tsql

// Name is an object's or a column's name in parts: server, database, schema, object, column; the last one is there.
type Name []string

// Last is the part that is always there.
func (n Name) Last() string { return n[len(n)-1] }

// TypeName is a data type as written. Length is nil where none is given, -1 for MAX.
type TypeName struct {
	Name   string
	Length *int
}

// Statement is one of the structs below.
type Statement any

type (
	// Select is a query, with its own TOP and ORDER BY.
	Select struct {
		Distinct bool
		Top      Expression // nil: all
		Items    []Item
		From     []Source // the first one, and those joined to it
		Where    Expression
		GroupBy  []Expression
		Having   Expression
		OrderBy  []Order
	}
	// Item is a column of a result: *, t.*, an expression, or an assignment to a variable.
	Item struct {
		Star   bool
		Of     Name // t in t.*
		Value  Expression
		Alias  string
		Assign string // variable
	}
	// Source is a table or a subquery, and how it is joined.
	Source struct {
		Table Name
		Query *Select
		Alias string
		Left  bool
		On    Expression // nil for the first one and for CROSS JOIN
	}
	// Order is an item of ORDER BY.
	Order struct {
		By         Expression
		Descending bool
	}
	// Insert has either Rows or Query. A nil expression in Rows is DEFAULT.
	Insert struct {
		Table   Name
		Columns []string
		Rows    [][]Expression
		Query   *Select
	}
	// Update changes columns.
	Update struct {
		Table   Name
		Columns []string
		Values  []Expression
		Where   Expression
	}
	// Delete removes rows.
	Delete struct {
		Table Name
		Where Expression
	}
	// CreateTable makes a table.
	CreateTable struct {
		Table   Name
		Columns []Column
		Indexes []Index
	}
	// Column is a column of CREATE TABLE. Null is nil where it is not said.
	Column struct {
		Name      string
		Type      TypeName
		Collation string
		Null      *bool
		Default   Expression
	}
	// Index is an index or a constraint that is kept by one.
	Index struct {
		Name         string
		Table        Name // of CREATE INDEX and ALTER TABLE
		Primary      bool
		Constraint   bool
		Unique       bool
		Clustered    *bool
		IgnoreDupKey bool
		Columns      []Order // By is the column's name
		Filter       Expression
	}
	// CreateSchema makes a schema.
	CreateSchema struct{ Name string }
	// DropTable drops tables.
	DropTable struct {
		Tables   []Name
		IfExists bool
	}
	// Truncate empties a table.
	Truncate struct{ Table Name }
	// Use changes the database.
	Use struct{ Database string }
	// SetOption is SET NOCOUNT ON and its like; Value in upper case.
	SetOption struct{ Name, Value string }
	// Declare makes variables.
	Declare struct {
		Name  string
		Type  TypeName
		Value Expression
	}
	// SetVariable assigns.
	SetVariable struct {
		Name  string
		Value Expression
	}
	// If runs one of two statements.
	If struct {
		Condition  Expression
		Then, Else Statement
	}
	// Block is BEGIN … END.
	Block struct{ Statements []Statement }
	// Print sends a message.
	Print struct{ Value Expression }
	// WaitFor is WAITFOR DELAY.
	WaitFor struct{ Delay Expression }
	// Transaction is BEGIN, COMMIT or ROLLBACK.
	Transaction struct{ Verb string }
	// Execute calls a procedure. Arguments have names or none.
	Execute struct {
		Procedure Name
		Names     []string
		Arguments []Expression
	}
	// Return ends the batch.
	Return struct{}
)

// Expression is one of the structs below.
type Expression any

type (
	// Literal is a constant: nil, int64, float64, string or []byte.
	Literal struct {
		Value    any
		National bool // N'x'
	}
	// Variable is @x or @@x.
	Variable struct{ Name string }
	// ColumnName refers to a column.
	ColumnName struct{ Name Name }
	// Call is a function or an aggregate. Star is COUNT(*).
	Call struct {
		Name      string
		Arguments []Expression
		Star      bool
		Distinct  bool
	}
	// Cast is CAST and CONVERT, and TRY_ of either.
	Cast struct {
		Value Expression
		Type  TypeName
		Style Expression
		Try   bool
	}
	// Binary is an operation: AND OR = <> < <= > >= + - * / % LIKE.
	Binary struct {
		Operator    string
		Left, Right Expression
	}
	// Not negates a condition.
	Not struct{ Value Expression }
	// Negate is the minus before a number.
	Negate struct{ Value Expression }
	// IsNull is IS NULL.
	IsNull struct{ Value Expression }
	// In is IN with a list or a query.
	In struct {
		Value Expression
		List  []Expression
		Query *Select
	}
	// Between is BETWEEN.
	Between struct{ Value, Low, High Expression }
	// Case is CASE; Value is nil in the searched form.
	Case struct {
		Value Expression
		When  []Expression
		Then  []Expression
		Else  Expression
	}
	// Collate overrides a collation.
	Collate struct {
		Value Expression
		Name  string
	}
	// Exists is EXISTS.
	Exists struct{ Query *Select }
	// Subquery is a query for one value.
	Subquery struct{ Query *Select }
)
