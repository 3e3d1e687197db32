package main

import (
	"context"
	"time"

	"github.com/libasherah/libasherah/internal/config"
	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/metastore/dynamodb"
	"github.com/libasherah/libasherah/internal/metastore/rdbms"
)

type preflightCommand struct {
	JSON bool `help:"Write JSON." name:"json"`
	Rows int  `help:"How many rows to look at, at least 1." default:"100"`
}

// Run checks what a factory of this configuration would work on. It reads, and writes nothing: the table is not made
// where it is missing, also in SQLite.
func (c *preflightCommand) Run(ctx context.Context, t *tool) error {
	if c.Rows < 1 {
		return fail(envelope.InvalidArgument, "--rows must be at least 1: no rows would look like an empty table")
	}
	conf, err := t.configuration(config.Everything)
	if err != nil {
		return err
	}
	defer conf.Close()
	conf.ReadOnly()
	r := &report{}
	r.add("configuration", pass, "", "complete, no unknown field")
	store, err := conf.OpenMetastore()
	if err != nil {
		r.add("metastore", bad, "see docs/configuration.md", "%v", err)
	}
	defer closePart(store)
	kms, kmsErr := conf.OpenKMS()
	if kmsErr != nil {
		r.add("KMS", bad, "see docs/configuration.md", "%v", kmsErr)
	}
	defer closePart(kms)
	if err != nil {
		return r.write(t, c.JSON)
	}
	var ok bool
	switch store := store.(type) {
	case *rdbms.Metastore:
		ok = r.database(ctx, store, c.Rows)
	case *dynamodb.Metastore:
		ok = r.dynamoDB(ctx, store, c.Rows)
	default:
		r.add("metastore", note, "choose one that outlives the process", "keys are lost with the factory")
		r.notAsked(kms)
	}
	if ok {
		r.drift(ctx, conf, store)
		r.systemKey(ctx, conf, store, kms)
	}
	return r.write(t, c.JSON)
}

// database checks the table of a database, and says whether it can be read.
func (r *report) database(ctx context.Context, m *rdbms.Metastore, rows int) bool {
	table, err := m.Inspect(ctx)
	if err != nil {
		remedy := "mend ConnectionString, or look at the server and the network"
		if rdbms.IsNoTable(err) {
			remedy = "asherah ddl prints the statement that makes it"
		}
		r.add("table", bad, remedy, "%v", err)
		return false
	}
	r.add("metastore", pass, "", "%s", table.Server)
	r.add("table", pass, "", "%s", table.Name)
	complete := true
	for _, name := range []string{"id", "created", "key_record"} {
		column := table.Column(name)
		if column == nil {
			r.add("column "+name, bad, "add it as asherah ddl has it, or point to another table", "missing")
			complete = false
			continue
		}
		r.when(!column.Nullable, "column "+name, note, "make it NOT NULL", "%s", describe(column))
	}
	if !complete {
		return false
	}
	if err := m.Ready(ctx); err != nil {
		r.add("types", bad, "asherah ddl shows a table with types that can be used", "%v", err)
		return false
	}
	key := table.UniqueKey()
	r.when(key != nil, "key", bad, "add a primary key on (id, created): without it two processes can make different keys of one name",
		"%s", keyFound(key))
	id := table.Column("id")
	r.when(!id.Folds, "collation", note, "give id a binary collation; until then ids that differ only so are refused, never shared",
		"%s", collationFound(id))
	for _, advice := range table.Advice() {
		v := note
		if advice.Subject == "rights" {
			v = bad
		}
		r.add(advice.Subject, v, advice.Remedy, "%s", advice.Text)
	}
	if table.SessionZone != "" {
		r.add("time zone", pass, "", "the server's sessions are in %s; created is read and written in UTC", table.SessionZone)
	}
	sample, err := m.Sample(ctx, rows)
	if err != nil {
		r.add("rows", bad, "grant SELECT on the table", "%v", err)
		return false
	}
	r.rows(ctx, m, sample)
	return true
}

func describe(c *rdbms.Column) string {
	text := c.Type
	if c.Nullable {
		text += ", may be NULL"
	}
	return text
}

func keyFound(k *rdbms.Key) string {
	if k == nil {
		return "no unique key on (id, created)"
	}
	return "unique on (id, created)"
}

func collationFound(c *rdbms.Column) string {
	switch {
	case c.Folds:
		return c.Collation + " takes some ids that differ for the same"
	case c.Collation == "":
		return "ids are compared byte by byte"
	}
	return c.Collation
}

// rows checks what is in the table.
func (r *report) rows(ctx context.Context, m *rdbms.Metastore, sample []rdbms.Row) {
	if len(sample) == 0 {
		r.add("rows", note, "if this is a deployment that exists, the configuration points to another table", "the table is empty")
		return
	}
	var records []*envelope.KeyRecord
	broken, shifted := 0, map[int64]int{}
	for _, row := range sample {
		record, err := envelope.ParseKeyRecord(row.Text)
		if err != nil {
			broken++
			continue
		}
		if shift := row.Created - record.Created; shift != 0 {
			shifted[shift]++
		}
		record.ID, record.Created = row.ID, row.Created
		records = append(records, record)
	}
	r.when(broken == 0, "records", bad, "records that are not valid are refused: restore them from a backup, or from the writer's",
		"%d of %d rows are valid key records", len(sample)-broken, len(sample))
	r.utc(len(records), shifted)
	r.latest(ctx, m, records)
}

// utc judges how far the column created is from the time in the records themselves, in seconds.
func (r *report) utc(rows int, shifted map[int64]int) {
	zones, strange := 0, 0
	var example int64
	for shift, n := range shifted {
		if shift%(15*60) == 0 && shift > -15*3600 && shift < 15*3600 {
			zones += n
			example = shift
		} else {
			strange += n
		}
	}
	switch {
	case zones > 0:
		r.add("created", bad, "a client wrote its local time; give LocalTimeZone the name of its zone to have such rows read, "+
			"and new ones written in UTC", "%d of %d rows are not UTC, but %s off", zones, rows, time.Duration(example)*time.Second)
	case strange > 0:
		r.add("created", bad, "find out who wrote these rows: records that name these keys may not find them",
			"%d of %d rows have another time than their record", strange, rows)
	default:
		r.add("created", pass, "", "UTC in %d of %d rows", rows, rows)
	}
}

// latest checks that the newest key of an id is found: that is what encryption goes by.
func (r *report) latest(ctx context.Context, m envelope.Metastore, records []*envelope.KeyRecord) {
	newest := map[string]int64{}
	for _, record := range records {
		if at, ok := newest[record.ID]; !ok || record.Created > at {
			newest[record.ID] = record.Created
		}
	}
	checked := 0
	for id, created := range newest {
		if checked++; checked > 20 {
			break
		}
		found, err := m.LoadLatest(ctx, id)
		if err != nil {
			r.add("latest key", bad, "", "%v", err)
			return
		}
		if found == nil || found.Created < created {
			r.add("latest key", bad, "the order of created is not that of time: what is its type?",
				"the newest key of an id is not the one that is found")
			return
		}
	}
	r.add("latest key", pass, "", "the newest key is found for %d ids", min(checked, 20))
}

// dynamoDB checks a table of DynamoDB, and says whether it can be read.
func (r *report) dynamoDB(ctx context.Context, m *dynamodb.Metastore, rows int) bool {
	table, err := m.Inspect(ctx)
	if err != nil {
		r.add("table", note, dynamoRemedy(err, "grant dynamodb:DescribeTable to have it checked"), "%v", err)
	} else {
		r.when(table.Status == "ACTIVE", "table", bad, "wait until it is, or look at it in the console", "%s is %s", table.Name, table.Status)
		r.when(table.Keys, "key", bad, "the table needs the keys that asherah ddl dynamodb has", "%s", dynamoKeys(table.Keys))
		r.when(table.DeletionProtection, "deletion", note, "turn deletion protection on: with the keys all data are lost",
			"protection is %t", table.DeletionProtection)
		if len(table.Replicas) > 0 {
			r.when(m.KeySuffix() != "", "global table", note,
				"set EnableRegionSuffix: without it regions overwrite each other's keys", "replicas in %d regions, suffix %q",
				len(table.Replicas), m.KeySuffix())
		}
	}
	records, broken, err := m.Sample(ctx, rows)
	if err != nil {
		r.add("items", note, dynamoRemedy(err, "grant dynamodb:Scan to have items checked"), "%v", err)
		return true
	}
	r.when(broken == 0, "records", bad, "items that are not valid are refused: restore them from a backup",
		"%d of %d items are valid key records", len(records), len(records)+broken)
	r.latest(ctx, m, records)
	return true
}

// dynamoRemedy is what to do about a request that failed: grant says it for one that was denied.
func dynamoRemedy(err error, grant string) string {
	switch {
	case dynamodb.IsNoTable(err):
		return "asherah ddl dynamodb prints a table; else DynamoDBTableName or DynamoDBRegion differ"
	case dynamodb.IsDenied(err):
		return grant
	}
	return "mend DynamoDBRegion, DynamoDBEndpoint or the credentials, or look at the network"
}

func dynamoKeys(ok bool) string {
	if ok {
		return "Id (S), Created (N)"
	}
	return "not Id (S) and Created (N)"
}

// drift compares the configuration with what DriftGuard has noted.
func (r *report) drift(ctx context.Context, conf *config.Config, store envelope.Metastore) {
	if conf.DriftGuard() == "" {
		return
	}
	noted, err := conf.CheckDrift(ctx, store)
	switch {
	case err != nil:
		r.add("DriftGuard", bad, "a factory of this configuration would be refused", "%v", err)
	case !noted:
		r.add("DriftGuard", note, "right for a new deployment; else its name differs", "there is no note yet: the first factory makes it")
	default:
		r.add("DriftGuard", pass, "", "the configuration is as noted")
	}
}

// notAsked says of a KMS that was opened that nothing shows whether it answers. nil: it was not, which is said.
func (r *report) notAsked(kms envelope.KMS) {
	if kms != nil {
		r.add("KMS", note, "the first encryption asks it: to try that, asherah encrypt, then asherah decrypt (they make the keys)",
			"configured, not asked: there is no system key to open")
	}
}

// systemKey checks that the newest system key can be opened, which all records depend on. kms is nil where it could not
// be made.
func (r *report) systemKey(ctx context.Context, conf *config.Config, store envelope.Metastore, kms envelope.KMS) {
	service, product := conf.Identity()
	id := envelope.SystemKeyID(service, product, store.KeySuffix())
	record, err := store.LoadLatest(ctx, id)
	switch {
	case err != nil:
		r.add("system key", bad, "", "%v", err)
		return
	case record == nil:
		r.add("system key", note, "right for a new deployment; else ServiceName, ProductID or the region suffix differ",
			"there is none with id %q", id)
		r.notAsked(kms)
		return
	case kms == nil:
		return
	}
	key, err := kms.DecryptKey(ctx, record.Key, record.Created, record.Revoked)
	if err != nil {
		r.add("KMS", bad, "the KMS, or its key, is not the one that made this system key, or is out of reach", "%v", err)
		return
	}
	key.Destroy()
	age := time.Since(time.Unix(record.Created, 0))
	r.add("KMS", pass, "", "opens the newest system key")
	expired := age >= conf.Policy().ExpireAfter
	r.when(!expired && !record.Revoked, "system key", note, "it is replaced by the next encryption",
		"%q, %s old, expired: %t, revoked: %t", id, shortly(age), expired, record.Revoked)
}
