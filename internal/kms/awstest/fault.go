package awstest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"time"
)

// Fault is how a region fails a call. The zero Fault does nothing.
type Fault struct {
	Status  int // answer with an error of this status, Code and Message
	Code    string
	Message string

	Delay  time.Duration // before anything else, unless the client goes
	Silent bool          // never answer; the connection stays open until the client closes it
	Reset  bool          // close the connection instead of answering
	// Plaintext replaces the one of an answer: the wrong key, or one of another length.
	Plaintext []byte
}

const notAuthorized = "User: arn:aws:iam::" + Account + ":user/x is not authorized to perform: kms:Decrypt"

// Faults of KMS and in front of it.
var (
	Throttled      = &Fault{Status: 400, Code: "ThrottlingException", Message: "Rate exceeded"}
	AccessDenied   = &Fault{Status: 400, Code: "AccessDeniedException", Message: notAuthorized}
	Internal       = &Fault{Status: 500, Code: "KMSInternalException", Message: "internal"}
	Unavailable    = &Fault{Status: 503, Message: "<html>no JSON</html>"}
	KeyUnavailable = &Fault{Status: 500, Code: "KeyUnavailableException"}
	Silent         = &Fault{Silent: true}
	Reset          = &Fault{Reset: true}
)

// Fail has the region fail every call in the same way; nil makes it well.
func (r *Region) Fail(f *Fault) { r.FailOn(func(Call) *Fault { return f }) }

// FailOn has the region fail the calls for which choose returns a fault.
func (r *Region) FailOn(choose func(Call) *Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = choose
}

func (r *Region) faultFor(call Call) *Fault {
	r.mu.Lock()
	choose := r.fault
	r.mu.Unlock()
	if choose == nil {
		return nil
	}
	return choose(call)
}

// serve is true if there is nothing more to answer.
func (f *Fault) serve(w http.ResponseWriter, req *http.Request) bool {
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-req.Context().Done():
			return true
		}
	}
	switch {
	case f.Silent:
		<-req.Context().Done()
		return true
	case f.Reset:
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = c.Close()
		}
		return true
	case f.Code == "" && f.Status != 0:
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Message))
		return true
	case f.Status != 0:
		(&failure{f.Status, f.Code, f.Message}).write(w, "kms")
		return true
	}
	return false
}

var plaintextMember = regexp.MustCompile(`"Plaintext":"[^"]*"`)

// tamper puts another plaintext into a good answer.
func (f *Fault) tamper(answer func(http.ResponseWriter)) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		good := httptest.NewRecorder()
		answer(good)
		w.Header().Set("Content-Type", good.Header().Get("Content-Type"))
		w.WriteHeader(good.Code)
		member := append([]byte(`"Plaintext":`), mustMarshal(f.Plaintext)...)
		_, _ = w.Write(plaintextMember.ReplaceAllLiteral(good.Body.Bytes(), member))
	}
}
