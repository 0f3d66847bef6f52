package demo

import (
	"kyso/app/demo/ink"
	"kyso/signer/signertest"
)

// Units of the demonstration, as certificates and documents name them.
const (
	Ward     = "Ủy ban nhân dân phường Kim Liên"
	District = "Ủy ban nhân dân quận Đống Đa"
)

// Person is a holder of a token. All of them are invented.
type Person struct {
	ID    string // part of file names
	Name  string
	Title string
	Unit  string
	// Role is the role at the document server. The section head has a clerk's
	// account with the right to initial: a department's head could approve.
	Role string
	// PIN opens the person's token. It is no secret: it is printed and hinted at.
	PIN string
	// Agency marks the clerk's token, which holds the agency's certificate.
	Agency bool

	key  string // kind of the token's key
	hand string // whose pen, in package ink
}

// soPIN is the security officer's PIN of every demonstration token.
const soPIN = "87654321"

// Chairman signs the letters.
func Chairman() Person {
	return Person{
		ID: "chu-tich", Name: "Trần Minh Khôi", Title: "Chủ tịch", Unit: Ward, Role: "head",
		PIN: "246810", key: "RSA-2048", hand: ink.Khoi,
	}
}

// Deputy signs for the chairman (ký thay).
func Deputy() Person {
	return Person{
		ID: "pho-chu-tich", Name: "Lê Thu Hà", Title: "Phó Chủ tịch", Unit: Ward, Role: "deputy",
		PIN: "135791", key: "P-256", hand: ink.Ha,
	}
}

// SectionHead drafts letters and initials them.
func SectionHead() Person {
	return Person{
		ID: "chanh-van-phong", Name: "Phạm Quốc Bảo", Title: "Chánh Văn phòng", Unit: Ward, Role: "clerk",
		PIN: "192837", key: "RSA-3072", hand: ink.Bao,
	}
}

// Clerk is the agency's certificate, which the clerk seals with.
func Clerk() Person {
	return Person{ID: "van-thu", Name: Ward, Unit: Ward, Role: "clerk", PIN: "564738", Agency: true, key: "RSA-2048"}
}

// People are all holders of tokens.
func People() []Person { return []Person{Chairman(), Deputy(), SectionHead(), Clerk()} }

// spec is the certificate that the authority issues to the person.
func (p Person) spec() signertest.IssueSpec {
	s := signertest.IssueSpec{Name: p.Name, Unit: p.Unit, Title: p.Title, City: "Hà Nội", Key: p.key}
	if p.Agency {
		s.Unit = District
	}
	return s
}

// tokenLabel names the person's token; SoftHSM holds 32 bytes of it.
func (p Person) tokenLabel() string {
	labels := map[string]string{
		"chu-tich": "Chủ tịch Kim Liên", "pho-chu-tich": "Phó Chủ tịch Kim Liên",
		"chanh-van-phong": "Chánh VP Kim Liên", "van-thu": "Văn thư Kim Liên",
	}
	return labels[p.ID]
}

// hint is what the window shows under the PIN entry.
func (p Person) hint() string { return "Mã PIN minh họa của " + p.Name + ": " + p.PIN }
