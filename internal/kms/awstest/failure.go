package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
)

// failure is an error that a service answers with.
type failure struct {
	status        int
	code, message string
}

// write answers in the protocol of the service.
func (f *failure) write(w http.ResponseWriter, service string) {
	if service == "sts" || service == "" {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(f.status)
		_, _ = fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>`+
			`<Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, f.code, escaped(f.message))
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(f.status)
	text, _ := json.Marshal(map[string]string{"__type": f.code, "message": f.message})
	_, _ = w.Write(text)
}

func escaped(text string) string {
	var out []byte
	_ = xml.EscapeText(&appender{&out}, []byte(text))
	return string(out)
}

type appender struct{ to *[]byte }

func (a *appender) Write(p []byte) (int, error) { *a.to = append(*a.to, p...); return len(p), nil }

// answer writes a success in JSON.
func answerJSON(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

func contentLength(req *http.Request) string { return strconv.FormatInt(req.ContentLength, 10) }
