package sqlclient

import "strings"

// use is what becomes of a keyword.
type use int

const (
	mapped  use = iota // it has its effect
	ignored            // it has none here and needs none: a line at level Debug says so
	refused            // with any value but a harmless one it is an error, which says what to do instead
)

func (u use) String() string { return [...]string{"used", "ignored", "refused"}[u] }

// keyword is a setting that SqlClient knows. None is dropped in silence: what is not in this table is an error.
type keyword struct {
	name     string   // as SqlConnectionStringBuilder writes it
	synonyms []string // in lower case
	kind     kind
	longest  int // of a text, in UTF-16, as SqlClient counts; 0: no limit
	def      any // the value where the string has none: string, int64 or bool
	use      use
	note     string // mapped: what it does; ignored: what makes it needless; refused: what to do

	// framework is true for keywords that only System.Data.SqlClient, or the .NET Framework, takes.
	framework bool
	// url is true for keywords that only URLs have: those of go-mssqldb.
	url bool
}

// urlSynonyms are further names of keywords in URLs: those of go-mssqldb.
var urlSynonyms = map[string]string{
	"app name":         applicationName,
	"columnencryption": "Column Encryption Setting",
	"dial timeout":     connectTimeout,
	"failoverpartner":  failoverPartner,
}

// byKey has every keyword under its names, in lower case.
var byKey = func() map[string]*keyword {
	all := make(map[string]*keyword, 2*len(keywords))
	for i := range keywords {
		k := &keywords[i]
		all[strings.ToLower(k.name)] = k
		for _, s := range k.synonyms {
			all[s] = k
		}
	}
	return all
}()

// find returns the keyword with this name in lower case, nil if there is none.
func find(key string, inURL bool) *keyword {
	k := byKey[key]
	if k == nil && inURL {
		k = byKey[strings.ToLower(urlSynonyms[key])]
	}
	if k == nil || (k.url && !inURL) {
		return nil
	}
	return k
}

// harmless is true if the keyword may have this value though it is refused: the default one, or one that says nothing.
func (k *keyword) harmless(value any) bool {
	return value == k.def || value == "" || (k.kind.harmless != "" && value == k.kind.harmless)
}
