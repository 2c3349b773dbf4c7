//go:build !linux

package process

import "syscall"

func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
