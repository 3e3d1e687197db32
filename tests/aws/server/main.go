// Command server runs the stand-in for AWS awstest as a process, for clients that are not written in Go. Its arguments
// are the regions. On its first line it prints a JSON object: an address of plain HTTP for all regions, a proxy that
// takes the names of AWS's hosts to it by HTTPS, the file of the authority, and a key of each region. Then it answers
// each line of its input, a command and its arguments as a JSON array, with a line. It ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/libasherah/libasherah/internal/kms/awstest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

func run(regions []string) error {
	if len(regions) == 0 {
		return fmt.Errorf("name the regions")
	}
	host := &host{}
	defer host.close()
	cloud := awstest.New(host, regions...)
	front := newFront(cloud)
	defer front.Close()
	proxy, _ := cloud.Proxy()
	c := commands{cloud: cloud}
	keys := map[string]string{}
	for _, name := range regions {
		keys[name] = cloud.Region(name).AddKey("00000000-0000-4000-8000-0000000000aa", "asherah")
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(map[string]any{
		"http": front.URL, "proxy": proxy, "ca": cloud.CABundle(), "keys": keys,
		"accessKeyId": awstest.AccessKeyID, "secretAccessKey": awstest.SecretAccessKey,
	}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var line []string
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return err
		}
		answer, err := c.do(line)
		if err != nil {
			return err
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return err
	}
	return host.failed()
}
