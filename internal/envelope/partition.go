package envelope

import (
	"bytes"
	"unicode/utf8"
)

// systemKeyPrefix is what the ids of system keys begin with.
const systemKeyPrefix = "_SK_"

// partition holds the key ids of one partition of a factory.
//
// Ids are joined with "_" and not escaped: partition "a_b" of service "c" and partition "a" of service "b_c" share an
// intermediate key id. That is the format; the records are told apart by nothing else.
type partition struct {
	systemKeyID       string
	intermediateKeyID string // with the region suffix, if there is one
	unsuffixedID      string
	suffixed          bool
	idJSON            string // intermediateKeyID as a JSON string, with its quotes
}

func newPartition(id, service, product, suffix string) *partition {
	p := &partition{
		systemKeyID:  systemKeyPrefix + service + "_" + product,
		unsuffixedID: "_IK_" + id + "_" + service + "_" + product,
		suffixed:     suffix != "",
	}
	p.intermediateKeyID = p.unsuffixedID
	if p.suffixed {
		p.systemKeyID += "_" + suffix
		p.intermediateKeyID += "_" + suffix
	}
	p.idJSON = quoteJSON(p.intermediateKeyID)
	return p
}

// isPlain says that s is printable ASCII that stands for itself inside a JSON string.
func isPlain(s []byte) bool {
	for _, c := range s {
		if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// accepts says that records naming this intermediate key belong to the partition: its own id and, with a region suffix,
// the unsuffixed id and those of other regions. A region is letters, digits and "-". That keeps most other products'
// ids out, but an unsuffixed id of product "shop_eu" cannot be told from one of product "shop" in region "eu".
func (p *partition) accepts(keyID []byte) bool {
	if string(keyID) == p.intermediateKeyID {
		return true
	}
	if !p.suffixed {
		return false
	}
	rest, ok := bytes.CutPrefix(keyID, []byte(p.unsuffixedID))
	if !ok || len(rest) == 0 {
		return ok
	}
	region, ok := bytes.CutPrefix(rest, []byte{'_'})
	return ok && len(region) > 0 && len(region) <= maxRegion && bytes.IndexFunc(region, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-'
	}) < 0
}

// maxRegion bounds the region in the key id of a record that came from another one, in bytes.
const maxRegion = 255

// maxShown bounds what a message quotes of an id that came with a record, in bytes.
const maxShown = 480

// maxID bounds partition, service and product ids, in bytes.
const maxID = 1 << 20

func checkID(what, id string, emptyAllowed bool) error {
	switch {
	case id == "" && !emptyAllowed:
		return Errorf(InvalidArgument, nil, "the %s is empty", what)
	case len(id) > maxID:
		return Errorf(InvalidArgument, nil, "the %s is %d bytes long, at most %d are possible", what, len(id), maxID)
	case !utf8.ValidString(id):
		return Errorf(InvalidArgument, nil, "the %s is not valid UTF-8", what)
	}
	return nil
}
