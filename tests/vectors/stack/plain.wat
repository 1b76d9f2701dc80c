;; Endless recursion with next to nothing in a frame: the most frames.
(module
  (func $f (export "deep f") (call $f))
  (func $g (export "deep g") (param i32) (result i32)
    (i32.add (call $g (i32.add (local.get 0) (i32.const 1))) (i32.const 1))))
