;; A guest without a memory, a table or globals: the frames are the only memory of the build.
(module
  (func $square (param i64) (result i64) (i64.mul (local.get 0) (local.get 0)))
  (func (export "sum") (param i32 i64) (result i64)
    (local.set 0 (i32.and (local.get 0) (i32.const 31)))
    (loop $again
      (local.set 1 (i64.add (local.get 1) (call $square (i64.extend_i32_u (local.get 0)))))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get 0) (i32.const 0))))
    (local.get 1)))
