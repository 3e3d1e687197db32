package envelope_test

import (
	"testing"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// A call that is answered with WouldBlock is made again, and is measured then.
func TestCallsAreMeasuredOnce(t *testing.T) {
	w := newWorld(t)
	s := w.session()
	counts := map[hooks.MetricType]int{}
	hooks.SetMetrics(func(m hooks.MetricType, _ time.Duration, _ string) { counts[m]++ }, 0, true)
	defer hooks.ClearMetrics()
	_, err := s.EncryptBytes(envelope.OnlyCached, []byte(secret))
	wantCode(t, err, envelope.WouldBlock)
	r := encrypt(t, s)
	other := w.session()
	_, err = other.DecryptBytes(envelope.OnlyCached, []byte(r))
	wantCode(t, err, envelope.WouldBlock)
	decrypt(t, other, r)
	_, err = other.DecryptBytes(t.Context(), []byte("{}"))
	wantCode(t, err, envelope.MalformedRecord)
	if counts[hooks.Encrypt] != 1 || counts[hooks.Decrypt] != 2 {
		t.Errorf("%d encryptions and %d decryptions are measured, not 1 and 2", counts[hooks.Encrypt], counts[hooks.Decrypt])
	}
}
