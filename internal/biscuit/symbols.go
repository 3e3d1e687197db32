package biscuit

// defaultSymbols are the strings that every block may refer to without declaring them, by index.
var defaultSymbols = [...]string{
	"read", "write", "resource", "operation", "right", "time", "role", "owner", "tenant", "namespace", "user", "team",
	"service", "admin", "email", "group", "member", "ip_address", "client", "client_ip", "domain", "path", "version",
	"cluster", "node", "hostname", "nonce", "query",
}

// firstSymbol is the index of the first string that a token declares itself. What lies between is reserved.
const firstSymbol = 1024

var isDefaultSymbol = func() map[string]bool {
	known := make(map[string]bool, len(defaultSymbols))
	for _, s := range defaultSymbols {
		known[s] = true
	}
	return known
}()

// tables holds the strings and keys that blocks refer to by index. A token has one pair for the authority and its
// first-party blocks together; each third-party block has its own.
type tables struct {
	symbols []string
	keys    []*PublicKey

	declaredBy map[string]int // of each symbol, the block that declared it
	declared   map[string]bool
}

// declareSymbols adds the strings of a block. One of them may be there twice within the block, but none may be known
// from another block or by default: there is one index for a string.
func (t *tables) declareSymbols(block int, symbols []string) error {
	if len(symbols) == 0 {
		return nil
	}
	if t.declaredBy == nil {
		t.declaredBy = make(map[string]int, len(symbols))
	}
	for _, s := range symbols {
		if isDefaultSymbol[s] {
			return errorf(Format, "block %d of the token declares a symbol that is known by default", block)
		}
		if by, known := t.declaredBy[s]; known && by != block {
			return errorf(Format, "block %d of the token declares a symbol of block %d again", block, by)
		}
		t.declaredBy[s] = block
	}
	t.symbols = append(t.symbols, symbols...)
	return nil
}

// declareKeys adds the keys of a block. None may be there twice.
func (t *tables) declareKeys(block int, keys []*PublicKey) error {
	if len(keys) == 0 {
		return nil
	}
	if t.declared == nil {
		t.declared = make(map[string]bool, len(keys))
	}
	for _, k := range keys {
		if t.declared[k.raw] {
			return errorf(Format, "block %d of the token declares a key that is already known", block)
		}
		t.declared[k.raw] = true
	}
	t.keys = append(t.keys, keys...)
	return nil
}

// symbol returns the string with this index.
func (t *tables) symbol(index uint64) (string, error) {
	switch {
	case index < uint64(len(defaultSymbols)):
		return defaultSymbols[index], nil
	case index >= firstSymbol && index-firstSymbol < uint64(len(t.symbols)):
		return t.symbols[index-firstSymbol], nil
	}
	return "", errorf(Format, "the token refers to a symbol that it does not declare")
}

// key returns the key with this index.
func (t *tables) key(index int64) (*PublicKey, error) {
	if index < 0 || index >= int64(len(t.keys)) {
		return nil, errorf(Format, "the token refers to a key that it does not declare")
	}
	return t.keys[index], nil
}
