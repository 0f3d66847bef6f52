package pades

// Signed gives the parts of the update that the signature covers: what stands
// before and behind the room for the CMS.
func (p *Prepared) Signed() [][]byte {
	from, to := p.gap()
	return [][]byte{p.Update[:from], p.Update[to:]}
}
