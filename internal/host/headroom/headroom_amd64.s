// func Reserve()
TEXT ·Reserve(SB), 0, $262144-0
	RET
