;; wasmi 2.0.0 built without its `memory64` feature misread lane stores with offsets above 16 bits and crashed.
(module
  (memory (export "memory") 2)
  (func (export "outside") (param i32 v128)
    local.get 0
    local.get 1
    v128.store16_lane offset=2225703332 7)
  (func (export "inside") (param v128) (result i32)
    i32.const 3
    local.get 0
    v128.store8_lane offset=70000 2
    i32.const 3
    local.get 0
    v128.store16_lane offset=80000 5
    i32.const 0
    i32.load offset=80003))
