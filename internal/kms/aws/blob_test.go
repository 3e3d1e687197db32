package awskms

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/libasherah/libasherah/internal/envelope"
)

var sealed = bytes.Repeat([]byte{0xfb, 0xff}, sealedSize/2)

func TestDecode(t *testing.T) {
	s64, k64 := base64.StdEncoding.EncodeToString(sealed), base64.StdEncoding.EncodeToString([]byte("wrapped"))
	one := `{"region":"us-west-2","arn":"a","encryptedKek":"` + k64 + `"}`
	good := `{"encryptedKey":"` + s64 + `","kmsKeks":[` + one + `]}`
	key := `"encryptedKey":"` + s64 + `"`
	spoilt := `{"region":"x","encryptedKek":"*"},{"region":"y","encryptedKek":null},{"encryptedKek":"AAAA"},{},`
	many := strings.TrimSuffix(strings.Repeat(one+",", maxKeks+1), ",")
	for name, tc := range map[string]struct {
		text string
		keks int // 0: an error
	}{
		"good":                {good, 1},
		"spaces":              {" \n" + strings.NewReplacer(",", " ,\t", ":", " :\r\n").Replace(good) + "\n ", 1},
		"other order":         {`{"kmsKeks":[{"encryptedKek":"` + k64 + `","region":"us-west-2"}],` + key + `}`, 1},
		"escapes":             {strings.ReplaceAll(good, "+", `\u002B`), 1},
		"unknown members":     {strings.Replace(good, `{"region"`, `{"x":{"y":[1]},"region"`, 1), 1},
		"unknown first":       {`{"version":[{}],` + good[1:], 1},
		"null arn":            {strings.Replace(good, `"a"`, `null`, 1), 1},
		"some spoilt":         {strings.Replace(good, `[`, `[`+spoilt, 1), 1},
		"several":             {strings.Replace(good, one, one+","+one, 1), 2},
		"most":                {strings.Replace(good, one, strings.TrimSuffix(many, ","+one), 1), maxKeks},
		"too many":            {strings.Replace(good, one, many, 1), 0},
		"empty":               {``, 0},
		"null":                {`null`, 0},
		"array":               {`[]`, 0},
		"no members":          {`{}`, 0},
		"no key":              {`{"kmsKeks":[` + one + `]}`, 0},
		"short key":           {strings.Replace(good, s64, s64[:76], 1), 0},
		"long key":            {strings.Replace(good, s64, s64+"AAAA", 1), 0},
		"key is a number":     {strings.Replace(good, `"`+s64+`"`, "1", 1), 0},
		"no keks":             {strings.Replace(good, one, "", 1), 0},
		"keks null":           {strings.Replace(good, "["+one+"]", "null", 1), 0},
		"keks an object":      {strings.Replace(good, "["+one+"]", one, 1), 0},
		"keks of strings":     {strings.Replace(good, one, `"x"`, 1), 0},
		"other case":          {strings.Replace(good, "encryptedKey", "EncryptedKey", 1), 0},
		"duplicate":           {strings.Replace(good, `,"kmsKeks"`, `,"encryptedKey":"`+s64+`","kmsKeks"`, 1), 0},
		"trailing text":       {good + "x", 0},
		"twice":               {good + good, 0},
		"cut":                 {good[:len(good)-1], 0},
		"byte order mark":     {"\ufeff" + good, 0},
		"line end in base64":  {strings.Replace(good, s64[:4], s64[:4]+`\n`, 1), 0},
		"url base64":          {strings.Replace(good, s64, base64.URLEncoding.EncodeToString(sealed), 1), 0},
		"not UTF-8":           {strings.Replace(good, `"a"`, "\"\xff\"", 1), 0},
		"sealed by static":    {string(sealed), 0},
		"huge":                {good + strings.Repeat(" ", maxBlob), 0},
		"wrapped key too big": {strings.Replace(good, k64, strings.Repeat("AAAA", maxKek/3+1), 1), 0},
	} {
		b, err := decode([]byte(tc.text))
		switch {
		case tc.keks == 0 && (b != nil || envelope.CodeOf(err) != envelope.MalformedRecord):
			t.Errorf("%s: %v, %v", name, b, err)
		case tc.keks > 0 && (err != nil || len(b.keks) != tc.keks || !bytes.Equal(b.sealed, sealed)):
			t.Errorf("%s: %v, %v", name, b, err)
		case tc.keks > 0 && (b.keks[0].region != "us-west-2" || string(b.keks[0].wrapped) != "wrapped"):
			t.Errorf("%s: %+v", name, b.keks[0])
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add((&blob{sealed, []kek{{"us-west-2", "arn", []byte("wrapped")}, {"x", "y", []byte{0}}}}).encode())
	f.Add([]byte(`{"encryptedKey":"","kmsKeks":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := decode(text)
		if (b == nil) == (err == nil) {
			t.Fatalf("%v, %v", b, err)
		}
		if err != nil {
			return
		}
		again, err := decode(b.encode())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(b) {
			t.Errorf("%v reads as %v, %v", b, again, err)
		}
	})
}
