package settings

// The kinds of a Connector.
const (
	Reference = "reference" // the contract of docsys/openapi.yaml, at Settings.Server
	WebDAV    = "webdav"
	Folder    = "folder"
	Exec      = "exec" // a vendor's program
)

// Connector says how signed documents leave this machine. The zero value is the
// server of the settings. Passwords are in the system's keyring, never here.
type Connector struct {
	// Kind is one of the constants above; empty means Reference.
	Kind string `json:"kind,omitempty"`
	// URL is the WebDAV collection.
	URL string `json:"url,omitempty"`
	// Folder takes documents, local or on a share.
	Folder string `json:"folder,omitempty"`
	// Program is a vendor's connector program, by absolute path, with its arguments.
	Program   string   `json:"program,omitempty"`
	Arguments []string `json:"arguments,omitempty"`
	// Login is the account's name, for every kind but Folder.
	Login string `json:"login,omitempty"`
	// Identity is the identity provider, by its address, whose account is logged in
	// at the document system; empty for Login and a password.
	Identity string `json:"identity,omitempty"`
	// LocalFiles has files delivered, too, that come from no document system.
	LocalFiles bool `json:"local_files,omitempty"`
}

// Target names the system behind a connector: what is queued for one is never
// sent to another. server is Settings.Server.
func (c Connector) Target(server string) string {
	switch c.Kind {
	case WebDAV:
		return c.URL
	case Folder:
		return c.Folder
	case Exec:
		return c.Program
	}
	return server
}

// Network says how servers are reached. The zero value uses the system's proxy and
// its trusted authorities.
type Network struct {
	// Proxy is empty for the system's, "none" for none, else an address such as
	// "http://proxy.phuong.vn:3128" or "socks5://…".
	Proxy string `json:"proxy,omitempty"`
	// ProxyLogin is the account at the proxy; its password is in the keyring.
	ProxyLogin string `json:"proxy_login,omitempty"`
	// Authority is a PEM file of authorities that are trusted for TLS besides the
	// system's.
	Authority string `json:"authority,omitempty"`
	// Pins are, by host, the SHA-256 of public keys (SubjectPublicKeyInfo) in
	// base64, one of which must be in the server's chain.
	Pins map[string][]string `json:"pins,omitempty"`
}
