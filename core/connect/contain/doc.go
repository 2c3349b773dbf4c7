// Package contain starts programs that nobody has to trust: without a network,
// without files but their own, without other processes, limited, and gone with
// us. It uses what the kernel gives, finds out what that is by trying it, and says
// so.
//
// A Go program cannot restrict itself between fork and exec. So the child is first
// this very program under another name: it restricts itself and then becomes the
// connector, through the file that was verified.
package contain
