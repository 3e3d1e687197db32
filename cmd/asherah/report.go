package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// errChecks says that a check failed, which the report has said already.
var errChecks = errors.New("a check failed")

// verdict is the result of a check.
type verdict string

const (
	pass verdict = "pass"
	note verdict = "warn" // it works, but look at it
	bad  verdict = "fail"
)

// check is one line of a report.
type check struct {
	Name    string  `json:"name"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"`
	Remedy  string  `json:"remedy,omitempty"` // what to do about it
}

// report is what was checked, in order.
type report struct {
	Checks []check `json:"checks"`
}

func (r *report) add(name string, v verdict, remedy, found string, args ...any) {
	r.Checks = append(r.Checks, check{Name: name, Verdict: v, Found: fmt.Sprintf(found, args...), Remedy: remedy})
}

// when adds a check that passes, or has another verdict.
func (r *report) when(ok bool, name string, otherwise verdict, remedy, found string, args ...any) {
	if ok {
		otherwise, remedy = pass, ""
	}
	r.add(name, otherwise, remedy, found, args...)
}

func (r *report) count(v verdict) (n int) {
	for _, c := range r.Checks {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// write writes the report, and returns errChecks if a check failed.
func (r *report) write(t *tool, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(t.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(struct {
			OK bool `json:"ok"`
			*report
		}{r.count(bad) == 0, r}); err != nil {
			return err
		}
	} else {
		for _, c := range r.Checks {
			_, _ = fmt.Fprintf(t.out, "%-4s  %-18s %s\n", c.Verdict, c.Name, c.Found)
			if c.Remedy != "" {
				_, _ = fmt.Fprintf(t.out, "%s%s\n", strings.Repeat(" ", 25), c.Remedy)
			}
		}
		_, _ = fmt.Fprintf(t.out, "%d passed, %d to look at, %d failed\n", r.count(pass), r.count(note), r.count(bad))
	}
	if r.count(bad) > 0 {
		return errChecks
	}
	return nil
}
