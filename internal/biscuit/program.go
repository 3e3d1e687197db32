package biscuit

// relationName names a relation.
type relationName struct {
	name  string
	terms int
}

func nameOf(p *Predicate) relationName { return relationName{p.Name, len(p.Terms)} }

// query is a rule ready to be matched.
type query struct {
	rule    *Rule
	body    []int32 // relations
	trusted origin
	head    int32  // relation of a rule's head
	from    origin // of what a rule derives, before the facts it matched add theirs
}

// check is a check with its queries.
type check struct {
	rule    *CheckRule
	queries []query
}

// program is what the blocks of a token come to: their facts by relation, and their rules and checks ready to be
// matched. It is immutable.
type program struct {
	blocks []Block
	heads  []blockHead
	trust  *trust

	relations map[relationName]int32
	facts     []relation
	count     int // facts of all relations
	rules     []query
	checks    [][]check // by block
	stray     int       // the first block that has a rule whose head its body does not bind, else -1
}

// usualRelations is how many relations a program has room for at first.
const usualRelations = 8

// newProgram reads the blocks of a token.
func newProgram(signed []signedBlock, left *room) (*program, error) {
	p := &program{
		blocks: make([]Block, len(signed)), heads: make([]blockHead, len(signed)), trust: newTrust(signed),
		relations: make(map[relationName]int32), facts: make([]relation, 0, usualRelations),
		checks: make([][]check, len(signed)), stray: -1,
	}
	var shared tables
	keys := 0
	for i := range signed {
		h, err := readHead(signed[i].data, left)
		if err == nil {
			err = h.check(i, signed[i].external != nil)
		}
		if err == nil && signed[i].external == nil {
			err = shared.declare(i, &h)
		}
		if err != nil {
			return nil, err
		}
		if keys += len(h.keys); keys > maxKeys {
			return nil, tooManyKeys()
		}
		p.heads[i] = h
	}
	for i := range signed {
		r := blockReader{tables: &shared, block: i, version: p.heads[i].version, room: left}
		if signed[i].external != nil {
			r.tables = new(tables)
			if err := r.tables.declare(i, &p.heads[i]); err != nil {
				return nil, err
			}
		}
		var err error
		if p.blocks[i], err = r.body(signed[i].data); err != nil {
			return nil, err
		}
	}
	for i := range p.blocks {
		p.load(i)
	}
	for i := range p.facts {
		n := len(p.facts[i].facts)
		p.facts[i] = relation{facts: p.facts[i].facts[:n:n], visible: n}
	}
	return p, nil
}

// load makes facts, rules and checks of a block.
func (p *program) load(block int) {
	b := &p.blocks[block]
	own := newOrigin(len(p.blocks))
	own.add(block)
	trusted := p.trust.of(block, b.Scopes, nil)
	for i := range b.Facts {
		f := &b.Facts[i]
		if hasVariable(f.Terms) {
			p.count++
			continue
		}
		if p.facts[p.relation(nameOf(f))].insert(fact{f.Terms, own}, true) {
			p.count++
		}
	}
	for i := range b.Rules {
		rule := &b.Rules[i]
		if rule.stray && p.stray < 0 {
			p.stray = block
		}
		q := p.query(rule, block, trusted, p.relation)
		q.head, q.from = p.relation(nameOf(&rule.Head)), own
		p.rules = append(p.rules, q)
	}
	checks := make([]check, len(b.Checks))
	for i := range b.Checks {
		checks[i].rule = &b.Checks[i]
		checks[i].queries = p.queries(b.Checks[i].Queries, block, trusted, p.relation)
	}
	p.checks[block] = checks
}

// relation returns the number of a relation, which it makes unless it is there.
func (p *program) relation(name relationName) int32 {
	id, found := p.relations[name]
	if !found {
		id = int32(len(p.facts))
		p.relations[name] = id
		p.facts = append(p.facts, relation{})
	}
	return id
}

func (p *program) query(rule *Rule, block int, trusted origin, relation func(relationName) int32) query {
	q := query{rule: rule, trusted: p.trust.of(block, rule.Scopes, trusted)}
	if len(rule.Body) > 0 {
		q.body = make([]int32, len(rule.Body))
	}
	for i := range rule.Body {
		q.body[i] = relation(nameOf(&rule.Body[i]))
	}
	return q
}

func (p *program) queries(rules []Rule, block int, trusted origin, relation func(relationName) int32) []query {
	queries := make([]query, len(rules))
	for i := range rules {
		queries[i] = p.query(&rules[i], block, trusted, relation)
	}
	return queries
}

// declare adds the strings and keys of a block.
func (t *tables) declare(block int, h *blockHead) error {
	if err := t.declareSymbols(block, h.symbols); err != nil {
		return err
	}
	return t.declareKeys(block, h.keys)
}
