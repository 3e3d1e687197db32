package vault

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/libasherah/libasherah/internal/envelope"
	"github.com/libasherah/libasherah/internal/hooks"
)

// token is what requests are sent with.
type token struct {
	text      string // a header of net/http has to be a string
	ends      time.Time
	spare     time.Duration // how much of its life it must have left to be used
	renewable bool
}

// never is the end of a token that has none.
var never = time.Unix(1<<40, 0)

// lives gives a token a life from now on; 0 is for ever.
func (t *token) lives(life time.Duration) {
	t.ends, t.spare = never, 0
	if life > 0 {
		t.ends, t.spare = time.Now().Add(life), min(2*time.Second, life/10)
	}
}

// tokens has the token of a KMS, gets a new one when it is over, and renews it in the meantime: a KMS is asked seldom,
// and a token that was given to us cannot be replaced.
type tokens struct {
	kms   *KMS
	login chan struct{} // held by the one who logs in

	ctx    context.Context // ends with the KMS, and with it renewals
	cancel context.CancelFunc

	mu      sync.Mutex
	current *token
	renewal *time.Timer
	closed  bool
}

func newTokens(k *KMS) *tokens {
	t := &tokens{kms: k, login: make(chan struct{}, 1)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// get returns a token that is valid for a while, logging in if there is none.
func (t *tokens) get(ctx context.Context) (*token, error) {
	if current, err := t.valid(); current != nil || err != nil {
		return current, err
	}
	select {
	case t.login <- struct{}{}:
		defer func() { <-t.login }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if current, err := t.valid(); current != nil || err != nil { // closed, or another one has logged in meanwhile
		return current, err
	}
	fresh, err := t.obtain(ctx)
	if err != nil {
		return nil, err
	}
	t.keep(fresh)
	return fresh, nil
}

func (t *tokens) valid() (*token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, envelope.Errorf(envelope.KMSFailed, nil, "the Vault KMS is closed")
	}
	if t.current != nil && time.Until(t.current.ends) > t.current.spare {
		return t.current, nil
	}
	return nil, nil
}

// obtain makes a new token, or looks at the one that was given to us.
func (t *tokens) obtain(ctx context.Context) (*token, error) {
	if t.kms.options.Login.Method == Token {
		return t.given(ctx)
	}
	answer, err := t.kms.logIn(ctx)
	if err != nil {
		return nil, err
	}
	defer answer.Destroy()
	text, err := answer.text("auth", "client_token")
	if err != nil {
		return nil, err
	}
	defer text.Destroy()
	fresh := &token{text: string(text.Bytes()), renewable: answer.isTrue("auth", "renewable")}
	fresh.lives(answer.seconds("auth", "lease_duration"))
	return fresh, nil
}

// given looks at the token of the configuration. Its policy may forbid that: then it is taken for one that does not end.
func (t *tokens) given(ctx context.Context) (*token, error) {
	own := &token{text: string(t.kms.options.Login.Token.Bytes()), ends: never}
	answer, err := t.kms.ask(ctx, http.MethodGet, "auth/token/lookup-self", own.text, nil, "look at its token")
	if isDenied(err) {
		hooks.Log(hooks.Warn, "vault", "the token may not look at itself, or is not valid: it is not renewed")
		return own, nil
	}
	if err != nil {
		return nil, err
	}
	defer answer.Destroy()
	own.renewable = answer.isTrue("data", "renewable")
	own.lives(answer.seconds("data", "ttl"))
	return own, nil
}

// keep makes fresh the current token and has it renewed at two thirds of its life.
func (t *tokens) keep(fresh *token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return
	}
	t.current = fresh
	if t.renewal != nil {
		t.renewal.Stop()
	}
	if fresh.renewable && fresh.ends != never {
		t.renewal = time.AfterFunc(time.Until(fresh.ends)*2/3, func() { t.renew(fresh) })
	}
}

// renew gives the current token more life. Where that fails it is tried again at two thirds of what is left.
func (t *tokens) renew(old *token) {
	ctx, cancel := context.WithTimeout(t.ctx, t.kms.options.Budget)
	defer cancel()
	answer, err := t.kms.ask(ctx, http.MethodPost, "auth/token/renew-self", old.text, []byte("{}"), "renew its token")
	t.mu.Lock()
	stale := t.closed || t.current != old
	t.mu.Unlock()
	if stale {
		answer.Destroy()
		return
	}
	if err != nil {
		if time.Until(old.ends) > old.spare {
			t.keep(old)
		}
		return
	}
	defer answer.Destroy()
	renewed := &token{text: old.text, renewable: answer.isTrue("auth", "renewable")}
	renewed.lives(answer.seconds("auth", "lease_duration"))
	// A token near its longest life is given less and less.
	if !renewed.ends.After(old.ends) {
		renewed.renewable = false
	}
	t.keep(renewed)
}

// drop forgets a token that was refused, unless it was the configuration's. It says whether another may be had.
func (t *tokens) drop(refused *token) bool {
	if t.kms.options.Login.Method == Token {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == refused {
		t.current = nil
	}
	return true
}

// close ends renewals and wipes the login, after whoever is logging in with it.
func (t *tokens) close() {
	t.mu.Lock()
	wasClosed := t.closed
	t.closed, t.current = true, nil
	if t.renewal != nil {
		t.renewal.Stop()
	}
	t.mu.Unlock()
	t.cancel()
	if !wasClosed {
		t.login <- struct{}{}
		t.kms.options.Login.destroy()
		<-t.login
	}
}
