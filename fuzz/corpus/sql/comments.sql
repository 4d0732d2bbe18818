-- a line
/* a /* nested */ comment */ SELECT /* x */ 1 -- end
;;; SELECT 2
