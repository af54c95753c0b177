# Reads each snippet beside it as R does, runs it with stand-ins for keras3 and reticulate, and writes what the layer
# was given: name.txt has a line for each argument, real.bin and imag.bin the kernels, in R's order, as doubles.
library <- function(...) invisible(NULL)
shape <- function(...) c(...)
config_set_epsilon <- function(value) invisible(NULL)
op_cast <- function(x, dtype) x
op_log <- function(x) x
op_square <- function(x) x
tuple <- function(...) list(...)
`::` <- function(package, name) get(deparse(substitute(name)))
`$.stand_in` <- function(x, name) function(...) invisible(NULL)
import <- function(module) list(get_window = function(window, n, fftbins) as.double(seq_len(n)))

show <- function(value) {
  if (is.null(value)) "NULL" else if (is.character(value)) dQuote(value, FALSE) else paste(format(value, digits = 17), collapse = " ")
}

for (file in list.files(pattern = "[.]R$")) {
  stem <- sub("[.]R$", "", file)
  given <- NULL
  set <- NULL
  layer_stft_spectrogram <- function(...) {
    given <<- list(...)
    structure(function(x) x, class = "stand_in")
  }
  set_weights <- function(layer, weights) set <<- weights
  space <- new.env(parent = environment())
  for (expression in parse(file = file)) eval(expression, space)
  stopifnot(identical(dim(space$x), dim(space$y)))
  writeLines(paste(names(given), vapply(given, show, ""), sep = "="), paste0(stem, ".txt"))
  if (!is.null(set)) writeBin(as.double(unlist(set)), paste0(stem, ".bin"))
}
