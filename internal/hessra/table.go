package hessra

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
	"strconv"

	"github.com/BurntSushi/toml"
)

// table is an object of JSON or a table of TOML: texts, integers, tables, lists and other values by name. What is null
// is nil.
type table map[string]any

// parseJSON reads one JSON object with nothing after it. Names are case-sensitive, and none may be there twice.
func parseJSON(text []byte) (table, error) {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	members, err := jsonValue(d)
	if err == nil {
		if _, end := d.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("text after the object")
		}
	}
	object, ok := members.(table)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, invalid("the configuration has the same name twice, before byte %d", d.InputOffset())
	case err != nil, !ok:
		return nil, invalid("the configuration is not one JSON object: see byte %d", d.InputOffset())
	}
	return object, nil
}

// jsonValue reads a value. The decoder bounds how deep it is.
func jsonValue(d *jsontext.Decoder) (any, error) {
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		object := make(table)
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			if object[key], err = jsonValue(d); err != nil {
				return nil, err
			}
		}
		_, err = d.ReadToken()
		return object, err
	case '[':
		list := []any{}
		for d.PeekKind() != ']' {
			element, err := jsonValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, element)
		}
		_, err = d.ReadToken()
		return list, err
	case '"':
		return t.String(), nil
	case '0':
		number := t.String()
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			return n, nil
		}
		return jsontext.Value(number), nil
	case 't', 'f':
		return t.Bool(), nil
	}
	return nil, nil
}

// What bounds how deep TOML nests, which its reader does not: values by their brackets; keys by the dots of a line, to
// the square, which is what they cost.
const (
	maxBrackets = 10_000
	maxDots     = 4 << 20 // the sum of all lines
)

func parseTOML(text []byte) (table, error) {
	if bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxBrackets {
		return nil, invalid("the configuration has more than %d opening brackets", maxBrackets)
	}
	dots := 0
	for line := range bytes.Lines(text) {
		n := bytes.Count(line, []byte("."))
		if dots += n * n; dots > maxDots {
			return nil, invalid("the configuration has too many dots in a line")
		}
	}
	members := make(map[string]any)
	if err := toml.Unmarshal(text, &members); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, invalid("the configuration is not TOML: see line %d", syntax.Position.Line)
		}
		return nil, invalid("the configuration is not TOML")
	}
	return members, nil
}

// text returns the text of this name. It is not found where there is none or null.
func (t table) text(name string) (text string, found bool, err error) {
	switch value := t[name].(type) {
	case nil:
		return "", false, nil
	case string:
		return value, true, nil
	}
	return "", false, invalid("%s is not text", name)
}

// table returns the table of this name, nil where there is none.
func (t table) table(name string) (table, error) {
	value := t[name]
	if value == nil {
		return nil, nil
	}
	if inner, ok := asTable(value); ok {
		return inner, nil
	}
	return nil, invalid("%s is not a table", name)
}

// tables returns the list of tables of this name, nil where there is none.
func (t table) tables(name string) ([]table, error) {
	var tables []table
	switch value := t[name].(type) {
	case nil:
		return nil, nil
	case []map[string]any: // of TOML, where each has its own heading
		for _, inner := range value {
			tables = append(tables, inner)
		}
		return tables, nil
	case []any:
		for _, element := range value {
			inner, ok := asTable(element)
			if !ok {
				return nil, invalid("%s is not a list of tables", name)
			}
			tables = append(tables, inner)
		}
		return tables, nil
	}
	return nil, invalid("%s is not a list of tables", name)
}

func asTable(value any) (table, bool) {
	switch value := value.(type) {
	case table:
		return value, true
	case map[string]any:
		return value, true
	}
	return nil, false
}
