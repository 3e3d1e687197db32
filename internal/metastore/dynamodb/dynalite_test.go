package dynamodb

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

// emulator is a dynalite process, whose tables outlive it in a directory.
type emulator struct {
	port      int
	directory string
	process   *exec.Cmd
	output    bytes.Buffer
}

// startEmulator starts an emulator that ends with the test.
func startEmulator(t testing.TB) *emulator {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &emulator{port: listener.Addr().(*net.TCPAddr).Port, directory: t.TempDir()}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	e.start(t)
	t.Cleanup(e.kill)
	return e
}

func (e *emulator) start(t testing.TB) {
	t.Helper()
	program, err := filepath.Abs("../../../build/dynalite/node_modules/dynalite/cli.js")
	if err != nil {
		t.Fatal(err)
	}
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
			e.kill()
			t.Fatalf("dynalite does not answer: %s", e.output.String())
		}
	}
}

func (e *emulator) kill() {
	_ = e.process.Process.Kill()
	_ = e.process.Wait()
}

// client makes a client of the emulator. Requests are signed, though it looks at the form of signatures only.
func (e *emulator) client(options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-west-2", BaseEndpoint: aws.String(fmt.Sprintf("http://127.0.0.1:%d", e.port)),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, options...)
}

// createTable makes a table as the canonical documentation has it.
func createTable(t testing.TB, c *dynamodb.Client, name string) {
	t.Helper()
	_, err := c.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(idAttribute), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(createdAttribute), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(idAttribute), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(createdAttribute), KeyType: types.KeyTypeRange},
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
