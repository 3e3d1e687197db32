// Package dynamodb keeps key records in a table of Amazon DynamoDB, as the canonical SDKs do: partition key Id (S), sort
// key Created (N, Unix seconds), and the record as the map KeyRecord. Reads are consistent, writes conditional.
package dynamodb

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/libasherah/libasherah/internal/awsconf"
	"github.com/libasherah/libasherah/internal/envelope"
)

var _ envelope.Metastore = (*Metastore)(nil)

// Names of the canonical table.
const (
	DefaultTable = "EncryptionKey"

	idAttribute      = "Id"
	createdAttribute = "Created"
	recordAttribute  = "KeyRecord"
)

// projection is what a read asks for.
const projection = "#id, #created, #record"

var names = map[string]string{"#id": idAttribute, "#created": createdAttribute, "#record": recordAttribute}

// maxID is the longest value of a partition key, in bytes:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxID = 2048

// Options says which table, and how it is asked.
type Options struct {
	Client    *dynamodb.Client // bounds its attempts and repeats them
	Table     string           // "": DefaultTable
	KeySuffix string           // region suffix of key ids, which keeps the regions of a global table apart; "": none
	// Budget bounds a call with all its attempts. 0: ten seconds.
	Budget time.Duration
}

// Metastore is an envelope.Metastore over a table. It is safe for concurrent use.
type Metastore struct {
	client *dynamodb.Client
	table  string
	suffix string
	budget time.Duration
	aws    *awsconf.Settings // nil where the client is the caller's
	closed atomic.Bool
}

// New makes a metastore. It does no I/O.
func New(o Options) *Metastore {
	m := &Metastore{client: o.Client, table: o.Table, suffix: o.KeySuffix, budget: o.Budget}
	if m.table == "" {
		m.table = DefaultTable
	}
	if m.budget == 0 {
		m.budget = defaultBudget
	}
	return m
}

// KeySuffix returns the region suffix, "" for none.
func (m *Metastore) KeySuffix() string { return m.suffix }

// Close refuses later calls. Those in flight may fail. Further calls do nothing.
func (m *Metastore) Close() error {
	if !m.closed.Swap(true) && m.aws != nil {
		m.aws.Close()
	}
	return nil
}

// Load returns the record with exactly this id and created (Unix seconds), nil if there is none.
func (m *Metastore) Load(ctx context.Context, id string, created int64) (*envelope.KeyRecord, error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !fits(id) {
		return nil, nil // no item can have this id
	}
	answer, err := m.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &m.table, ConsistentRead: aws.Bool(true), Key: key(id, created),
		ProjectionExpression: aws.String(projection), ExpressionAttributeNames: names,
	})
	if err != nil {
		return nil, m.failed(ctx, "load a key record", err)
	}
	return m.record(answer.Item, id)
}

// LoadLatest returns the record of this id with the largest created, nil if there is none.
func (m *Metastore) LoadLatest(ctx context.Context, id string) (*envelope.KeyRecord, error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if !fits(id) {
		return nil, nil
	}
	answer, err := m.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &m.table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
		KeyConditionExpression: aws.String("#id = :id"), ProjectionExpression: aws.String(projection),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		return nil, m.failed(ctx, "load the latest key record", err)
	}
	if len(answer.Items) == 0 {
		return nil, nil
	}
	return m.record(answer.Items[0], id)
}

// Store adds an item. It returns false if there is one with this id and created; every other failure is an error.
func (m *Metastore) Store(ctx context.Context, id string, created int64, record *envelope.KeyRecord) (bool, error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer cancel()
	if !fits(id) {
		return false, envelope.Errorf(envelope.InvalidArgument, nil,
			"DynamoDB metastore: a key id has 1 to %d bytes; this one has %d", maxID, len(id))
	}
	item := key(id, created)
	item[recordAttribute] = attributesOf(record)
	_, err = m.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &m.table, Item: item,
		ConditionExpression:      aws.String("attribute_not_exists(#id)"),
		ExpressionAttributeNames: map[string]string{"#id": idAttribute},
	})
	var taken *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &taken):
		return false, nil
	}
	return false, m.failed(ctx, "store a key record", err)
}

// Revoke sets the revocation mark of a record. It returns false if there is no such record.
func (m *Metastore) Revoke(ctx context.Context, id string, created int64) (bool, error) {
	ctx, cancel, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer cancel()
	if !fits(id) {
		return false, nil
	}
	_, err = m.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &m.table, Key: key(id, created),
		UpdateExpression:         aws.String("SET #record.#revoked = :true"),
		ConditionExpression:      aws.String("attribute_exists(#record)"),
		ExpressionAttributeNames: map[string]string{"#record": recordAttribute, "#revoked": "Revoked"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":true": &types.AttributeValueMemberBOOL{Value: true},
		},
	})
	var absent *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &absent):
		return false, nil
	}
	return false, m.failed(ctx, "revoke a key", err)
}

func (m *Metastore) begin(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if m.closed.Load() {
		return nil, nil, envelope.Errorf(envelope.MetastoreFailed, nil, "the DynamoDB metastore is closed")
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, m.budget, errBudget)
	return ctx, cancel, nil
}

func fits(id string) bool { return id != "" && len(id) <= maxID }

func key(id string, created int64) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		idAttribute:      &types.AttributeValueMemberS{Value: id},
		createdAttribute: number(created),
	}
}

func number(n int64) *types.AttributeValueMemberN {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
