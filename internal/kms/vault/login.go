package vault

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/libasherah/libasherah/internal/seccache"
)

// Method is a way to log in.
type Method string

// The ways to log in, with the path where Vault has each unless Login.Mount says another.
const (
	Token       Method = "token"
	Kubernetes  Method = "kubernetes"
	AppRole     Method = "approle"
	Certificate Method = "cert"
)

// serviceAccountToken is where Kubernetes puts the token of a pod's service account.
const serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token"

// Login says who we are.
type Login struct {
	Method    Method
	Mount     string           // path of the method; "": its name
	Token     *seccache.Secret // of Token
	Role      string           // of Kubernetes and, if it is not "", Certificate
	TokenPath string           // of Kubernetes: the file with the service account's token; "": where Kubernetes puts it
	RoleID    string           // of AppRole
	SecretID  *seccache.Secret // of AppRole; nil: none
	// ClientCert and ClientKey are the paths of the PEM files of Certificate.
	ClientCert, ClientKey string
}

func (l *Login) check() error {
	switch l.Method {
	case Token:
		if l.Token == nil {
			return refuse("VaultToken is missing; VaultAuthMethod says how else to log in")
		}
	case Kubernetes:
		if l.Role == "" {
			return refuse("VaultAuthRole is missing: VaultAuthMethod \"kubernetes\" needs it")
		}
	case AppRole:
		if l.RoleID == "" {
			return refuse("VaultApproleRoleId is missing: VaultAuthMethod \"approle\" needs it")
		}
	case Certificate: // its files were read with the client's settings
	default:
		return refuse("VaultAuthMethod must be token, kubernetes, approle or cert")
	}
	return nil
}

// pair reads the certificate and its key.
func (l *Login) pair() (pair tls.Certificate, err error) {
	certificate, err := os.ReadFile(l.ClientCert)
	if err != nil {
		return pair, refuse("the file that VaultClientCert names cannot be read")
	}
	key, err := os.ReadFile(l.ClientKey)
	if err != nil {
		return pair, refuse("the file that VaultClientKey names cannot be read")
	}
	defer seccache.Wipe(key)
	if pair, err = tls.X509KeyPair(certificate, key); err != nil {
		return pair, refuse("the files that VaultClientCert and VaultClientKey name are no certificate and its key in PEM form")
	}
	return pair, nil
}

func (l *Login) destroy() {
	l.Token.Destroy()
	l.SecretID.Destroy()
}

// logIn returns a new token of the methods that make one.
func (k *KMS) logIn(ctx context.Context) (*answer, error) {
	l := &k.options.Login
	members := map[string]string{}
	switch l.Method {
	case Kubernetes:
		path, named := l.TokenPath, "which VaultK8sTokenPath names"
		if path == "" {
			path, named = serviceAccountToken, serviceAccountToken+" as VaultK8sTokenPath is not set"
		}
		// Kubernetes replaces the file from time to time, so it is read at each login.
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, refuse("the file with the service account's token, %s, cannot be read", named)
		}
		members["role"], members["jwt"] = l.Role, strings.TrimSpace(string(text))
		seccache.Wipe(text)
	case AppRole:
		members["role_id"] = l.RoleID
		if l.SecretID != nil {
			members["secret_id"] = string(l.SecretID.Bytes())
		}
	case Certificate:
		if l.Role != "" {
			members["name"] = l.Role
		}
	}
	body, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("vault: writing a login: %w", err)
	}
	defer seccache.Wipe(body)
	mount := l.Mount
	if mount == "" {
		mount = string(l.Method)
	}
	return k.ask(ctx, http.MethodPost, "auth/"+escaped(mount)+"/login", "", body, "log in by "+string(l.Method))
}
