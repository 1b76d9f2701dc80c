;; wasmi 2.0.0 left the values of a `br_table` where they were if all targets lay equally deep, although there were
;; operands between.
(module
  (func (export "f") (param i32 i64 f64 v128) (result i64 v128 f64)
    block (result i64 v128 f64)
      local.get 1
      local.get 1
      i64.mul
      local.get 1
      i64.const 3
      i64.add
      local.get 3
      local.get 3
      i64x2.mul
      local.get 2
      local.get 2
      f64.add
      local.get 0
      br_table 1 0
    end)
  (func (export "below the block") (param i32 i64) (result i64)
    block (result i64)
      local.get 1
      i64.const 5
      i64.xor
      block (result i64)
        local.get 1
        i64.const 3
        i64.add
        local.get 1
        i64.const 1
        i64.rotl
        local.get 0
        br_table 2 1 0 1
      end
      i64.add
    end))
