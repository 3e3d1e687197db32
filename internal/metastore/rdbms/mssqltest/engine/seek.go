package engine

import (
	"math/bits"
	"strings"
)

// seek is a comparison of a column, as it is, with a value.
type seek struct {
	column *scopeColumn
	value  *expr
}

// seekable notes on a comparison what it means for the index of one side. compared and other are the sides as they are
// compared, after their conversion.
func (e *expr) seekable(operator string, side, compared, other *expr) {
	column := side.column
	switch {
	case column == nil:
	case compared.column == nil, compared.typ.IsString() && compared.typ.Collation.Name != column.Type.Collation.Name:
		e.converted = append(e.converted, column)
	case operator == "=":
		e.seeks = append(e.seeks, seek{column, other})
	case operator != "<>":
		e.ranged = append(e.ranged, column)
	}
}

// access is how the rows of a stored table are found in a join.
type access struct {
	index  *Index
	values []*expr // of the first columns of the index
}

// access chooses an index for the source from the conditions that hold once the sources before it have their rows.
func (q *plan) access(source int) access {
	src := &q.sources[source]
	if src.stored == nil {
		return access{}
	}
	before := uint64(1)<<source - 1
	var best access
	for _, ix := range src.stored.Indexes {
		if ix.filter != nil {
			continue
		}
		a := access{index: ix}
		for _, column := range ix.columns {
			value := q.equal(source, column, before)
			if value == nil {
				break
			}
			a.values = append(a.values, value)
		}
		if len(a.values) > len(best.values) {
			best = a
		}
	}
	if best.index == nil {
		q.noteScan(source)
	}
	return best
}

// equal returns what a column is compared with, of values known beforehand.
func (q *plan) equal(source, column int, before uint64) *expr {
	for _, c := range q.conditions(source) {
		for _, s := range c.seeks {
			if s.column.source == source && s.column.at == q.sources[source].offset+column && s.value.sources&^before == 0 {
				return s.value
			}
		}
	}
	return nil
}

// conditions are those that speak of a source.
func (q *plan) conditions(source int) []*expr {
	var list []*expr
	for _, c := range append(append([]*expr{}, q.where...), q.sources[source].on...) {
		if c.sources&(1<<source) != 0 {
			list = append(list, c)
		}
	}
	return list
}

// noteScan says that a condition on a table with an index is served by none.
func (q *plan) noteScan(source int) {
	src := &q.sources[source]
	conditions := q.conditions(source)
	if len(conditions) == 0 || len(src.stored.Indexes) == 0 {
		return
	}
	var why, names []string
	for _, c := range conditions {
		for _, column := range c.ranged {
			if src.leads(column) {
				return
			}
		}
		for _, column := range c.converted {
			if column.source == source && bits.OnesCount64(c.sources) == 1 {
				names = append(names, column.Name)
				why = append(why, column.Name+" is "+column.Type.String()+" and was converted")
			}
		}
	}
	name := ""
	if len(names) > 0 {
		name = names[0]
	}
	q.x.session.note(NoteScan, name, strings.TrimSpace(src.stored.Name+": "+strings.Join(why, ", ")))
}

// leads is true of a column that is the first of an index of the source.
func (src *planSource) leads(column *scopeColumn) bool {
	for _, ix := range src.stored.Indexes {
		if src.offset+ix.columns[0] == column.at {
			return true
		}
	}
	return false
}

// rows finds the rows of a stored table.
func (a access) rows(t *Table, v *env) ([][]any, error) {
	if a.index == nil {
		return values(t.scan()), nil
	}
	key := make([]any, len(a.values))
	for i, e := range a.values {
		var err error
		if key[i], err = e.eval(v); err != nil || key[i] == nil {
			return nil, err
		}
	}
	return values(a.index.seek(t.key(a.index, key))), nil
}

func values(rows []*row) [][]any {
	list := make([][]any, len(rows))
	for i, r := range rows {
		list[i] = r.values
	}
	return list
}
