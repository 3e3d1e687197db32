// Package dynalitetest runs dynalite, an emulator of DynamoDB, for tests. It is a stand-in: what it cannot show are the
// service's limits, its permissions and global tables. tests/dynamodb says which version.
package dynalitetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Emulator is a dynalite process, whose tables outlive it in a directory.
type Emulator struct {
	port      int
	directory string
	process   *exec.Cmd
	output    bytes.Buffer
}

// Start starts an emulator that ends with the test.
func Start(t testing.TB) *Emulator {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &Emulator{port: listener.Addr().(*net.TCPAddr).Port, directory: t.TempDir()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	e.Restart(t)
	t.Cleanup(e.Kill)
	return e
}

// Restart starts the emulator again after Kill.
func (e *Emulator) Restart(t testing.TB) {
	t.Helper()
	program := fromRoot(t, "build/dynalite/node_modules/dynalite/cli.js")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("dynalite is not installed: run make setup-test (%v)", err)
	}
	e.process = exec.Command("node", program, "--host", "127.0.0.1", "--port", fmt.Sprint(e.port),
		"--path", e.directory, "--createTableMs", "1", "--deleteTableMs", "1")
	e.process.Stdout, e.process.Stderr = &e.output, &e.output
	e.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", e.port))
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			e.Kill()
			t.Fatalf("dynalite does not answer: %s", e.output.String())
		}
	}
}

// Kill ends the process. Its tables stay.
func (e *Emulator) Kill() {
	_ = e.process.Process.Kill()
	_ = e.process.Wait()
}

// URL is the endpoint.
func (e *Emulator) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", e.port) }

// Client makes a client of the emulator. Requests are signed, though it looks at the form of signatures only.
func (e *Emulator) Client(options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-west-2", BaseEndpoint: aws.String(e.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, options...)
}

// CreateTable makes a table as the canonical documentation has it.
func CreateTable(t testing.TB, c *dynamodb.Client, name string) {
	t.Helper()
	_, err := c.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("Id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("Created"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("Id"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("Created"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		d, err := c.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: &name})
		if err == nil && d.Table.TableStatus == types.TableStatusActive {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the table does not become active: %v", err)
		}
	}
}

// fromRoot finds a file of the repository, whose root has a go.mod, from the folder of the test.
func fromRoot(t testing.TB, path string) string {
	t.Helper()
	directory, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; directory != "/"; directory = filepath.Dir(directory) {
		if _, err := os.Stat(filepath.Join(directory, "go.mod")); err == nil {
			return filepath.Join(directory, path)
		}
	}
	t.Fatal("the test does not run inside of the repository")
	return ""
}
