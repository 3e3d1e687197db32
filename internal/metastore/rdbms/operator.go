package rdbms

import (
	"context"
	"fmt"
	"strings"

	"github.com/libasherah/libasherah/internal/envelope"
)

// What an operator's tool does beside a factory.

var _ envelope.Revoker = (*Metastore)(nil)

// Row is a row of the table as it is, its record not yet read.
type Row struct {
	ID      string
	Created int64 // what the column created says as UTC, Unix seconds
	Text    []byte
}

// Ready says why the table cannot be used, nil if it can. It reads how the table is made.
func (m *Metastore) Ready(ctx context.Context) error {
	l, err := m.ready(ctx)
	if err != nil {
		return err
	}
	return l.noStore
}

// Sample returns up to n rows, in no order. A row whose created is not in whole seconds is an error.
func (m *Metastore) Sample(ctx context.Context, n int) ([]Row, error) {
	l, err := m.ready(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := m.query(ctx, &statement{text: m.dialect.sample(l, n)})
	if err != nil {
		return nil, err
	}
	sample := make([]Row, len(rows))
	for i, r := range rows {
		seconds, err := l.readCreated(r.created)
		if err != nil {
			return nil, m.badCreated(err)
		}
		sample[i] = Row{r.id, seconds, r.text}
	}
	return sample, nil
}

// sample is the statement for n rows: the one that loads, without its condition.
func (d *dialect) sample(l *layout, n int) string {
	all := l.load.text[:strings.Index(l.load.text, "WHERE")]
	if d.kind == mssqlDialect.kind {
		return strings.Replace(all, "SELECT", fmt.Sprintf("SELECT TOP (%d)", n), 1)
	}
	return all + fmt.Sprintf("LIMIT %d", n)
}

// Revoke sets the revocation mark of a record. The rest of the row stays as it is, but unknown members of the record.
func (m *Metastore) Revoke(ctx context.Context, id string, created int64) (bool, error) {
	record, err := m.Load(ctx, id, created)
	if err != nil || record == nil || record.Revoked {
		return record != nil, err
	}
	l, err := m.ready(ctx)
	if err != nil {
		return false, err
	}
	revoked := *record
	revoked.Revoked = true
	text := revoked.AppendJSON(nil)
	if err := l.check(id, created, text); err != nil {
		return false, err
	}
	boundID, _ := l.bindID(id) // it was loaded by them
	bound, _ := l.bindCreated(created)
	update, inOrder := m.dialect.update()
	args := []any{boundID, bound, l.bindRecord(text)}
	if !inOrder {
		args = []any{args[2], args[0], args[1]}
	}
	if _, err := m.retry(ctx, func(ctx context.Context) error {
		_, err := m.db.ExecContext(ctx, update, args...)
		return err
	}); err != nil {
		return false, m.failed(ctx, "revoking a key (the user needs UPDATE on the table)", err)
	}
	if record, err = m.Load(ctx, id, created); err == nil && (record == nil || !record.Revoked) {
		err = m.unexpected("the key unrevoked; rows in another time zone have to be changed by hand")
	}
	return err == nil, err
}

// update is the statement that replaces a record. inOrder says that its arguments are id, created, key_record; otherwise
// key_record comes first.
func (d *dialect) update() (text string, inOrder bool) {
	placeholder := map[string]string{"mssql": "@p", "postgres": "$", "sqlite": "?"}[d.kind]
	if placeholder == "" {
		return "UPDATE encryption_key SET key_record = ? WHERE id = ? AND created = ?", false
	}
	return fmt.Sprintf("UPDATE encryption_key SET key_record = %[1]s3 WHERE id = %[1]s1 AND created = %[1]s2", placeholder), true
}
