package hessra

import (
	"maps"
	"slices"
	"sync"

	"github.com/libasherah/libasherah/internal/biscuit"
)

// DefaultKeyID is the id of the key that counts where no other is named.
const DefaultKeyID = "default"

// Config holds keys by id, and service nodes.
type Config struct {
	lock    sync.RWMutex
	keys    map[string]*biscuit.PublicKey
	keyFile string
	nodes   []ServiceNode
}

// NewConfig returns a configuration without keys.
func NewConfig() *Config { return &Config{keys: make(map[string]*biscuit.PublicKey)} }

// SetKey stores a key under an id, in place of an older one. The error, of code InvalidParameter, is of an empty id.
func (c *Config) SetKey(id string, key *biscuit.PublicKey) error {
	if id == "" {
		return errorf(InvalidParameter, "", "the id of a key is empty; %q is the one that needs no name", DefaultKeyID)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.keys[id] = key
	return nil
}

// Key returns the key with an id. The error, of code InvalidKey, is of an id that there is not.
func (c *Config) Key(id string) (*biscuit.PublicKey, error) {
	c.lock.RLock()
	defer c.lock.RUnlock()
	if key := c.keys[id]; key != nil {
		return key, nil
	}
	return nil, errorf(InvalidKey, "key", "the configuration has no key with this id")
}

// KeyIDs returns the ids of all keys in order.
func (c *Config) KeyIDs() []string {
	c.lock.RLock()
	defer c.lock.RUnlock()
	return slices.Sorted(maps.Keys(c.keys))
}

// KeyFile returns the path of the file that public_key_file named, "" if none did.
func (c *Config) KeyFile() string { return c.keyFile }

// ServiceNodes returns the service nodes in the order of the file.
func (c *Config) ServiceNodes() []ServiceNode { return c.nodes }
