package servertest

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that a server runs as: database servers refuse to run as root.
type owner struct {
	uid, gid uint32
	change   bool // this process is root
}

func findOwner(account string) (*owner, error) {
	if os.Getuid() != 0 {
		return &owner{uid: uint32(os.Getuid()), gid: uint32(os.Getgid())}, nil
	}
	u, err := user.Lookup(account)
	if err != nil {
		return nil, fmt.Errorf("the tests run as root, and the database server needs its own user: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &owner{uid: uint32(uid), gid: uint32(gid), change: true}, nil
}

// takeOver gives dir and what is in it to the owner.
func (o *owner) takeOver(dir string) error {
	if !o.change {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, int(o.uid), int(o.gid))
	})
}

// attributes make a process of the owner that ends when the thread that made it does.
func (o *owner) attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if o.change {
		a.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	return a
}
