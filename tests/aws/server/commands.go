package main

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/libasherah/libasherah/internal/kms/awstest"
)

// commands are what the input of the process asks for.
type commands struct{ cloud *awstest.Cloud }

var faults = map[string]*awstest.Fault{
	"": nil, "throttled": awstest.Throttled, "denied": awstest.AccessDenied, "internal": awstest.Internal,
	"unavailable": awstest.Unavailable, "reset": awstest.Reset,
	"slow":  {Delay: time.Second},
	"short": {Plaintext: make([]byte, 16)}, // a data key of half the length
	"wrong": {Plaintext: make([]byte, 32)}, // another data key
}

// do carries out one command and returns its answer, which is null for most.
func (c commands) do(line []string) (any, error) {
	if len(line) == 0 {
		return nil, fmt.Errorf("an empty command")
	}
	name, args := line[0], line[1:]
	needed := map[string]int{"fail": 3, "credentials": 3, "expire": 1, "key": 2, "calls": 0, "plaintexts": 0}
	if n, known := needed[name]; !known || len(args) != n {
		return nil, fmt.Errorf("command %q with %d arguments is not known", name, len(args))
	}
	switch name {
	case "fail": // a region, an operation or "", and how it fails, or ""
		fault, known := faults[args[2]]
		if !known {
			return nil, fmt.Errorf("fault %q is not known", args[2])
		}
		c.cloud.Region(args[0]).FailOn(func(call awstest.Call) *awstest.Fault {
			if args[1] != "" && args[1] != call.Op {
				return nil
			}
			return fault
		})
	case "credentials": // id, secret, token or "": makes them valid
		c.cloud.AddCredentials(args[0], args[1], args[2])
	case "expire": // id
		c.cloud.Expire(args[0], true)
	case "key": // region, id: makes one and answers with its ARN
		return c.cloud.Region(args[0]).AddKey(args[1], ""), nil
	case "calls": // since the last time: [region, operation, key, body] of each
		list := [][]string{}
		for _, call := range c.cloud.Calls() {
			list = append(list, []string{call.Region, call.Op, call.ID, call.Body})
		}
		c.cloud.Forget()
		return list, nil
	case "plaintexts": // every data key that was handed out
		list := []string{}
		for _, key := range c.cloud.Plaintexts() {
			list = append(list, base64.StdEncoding.EncodeToString(key))
		}
		return list, nil
	}
	return nil, nil
}
