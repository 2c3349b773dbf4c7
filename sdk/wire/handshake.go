package wire

// The handshake. A program that is started without the cookie says that it is
// not meant to be run by hand.
const (
	// ProtocolVersion is that of voldaan.connector.v1.
	ProtocolVersion = 1
	// CookieKey and CookieValue are go-plugin's magic cookie.
	CookieKey   = "VOLDAAN_CONNECTOR"
	CookieValue = "d1f3c2a8-from-invoice-to-voldaan"
	// PluginName is the name in go-plugin's plugin set.
	PluginName = "connector"
	// HostSocket is the environment variable with the path of the unix socket
	// that HostService is served on.
	HostSocket = "VOLDAAN_HOST_SOCKET"
)

// Limits of the wire. The host refuses what goes beyond them.
const (
	// MaxMessage is the size of one message in bytes.
	MaxMessage = 8 << 20
	// MaxDocument is the size of a document in bytes.
	MaxDocument = 20 << 20
	// MaxRequestBody is the size of an HTTP request's body in bytes.
	MaxRequestBody = 32 << 20
	// ChunkSize is how much of a body travels in one message.
	ChunkSize = 128 << 10
	// BatchRecords is how many records a connector sends in one message.
	BatchRecords = 500
	// BatchBytes is about how many bytes a connector sends in one message.
	BatchBytes = 1 << 20
	// CompareChunk is how many revisions or ids travel in one message.
	CompareChunk = 5000
	// Window is the flow control window of both sides in bytes: two messages of
	// records under way.
	Window = 4 << 20
	// SocketBuffer is the size of a socket's read and write buffer in bytes.
	SocketBuffer = 64 << 10
)
