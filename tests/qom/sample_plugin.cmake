# Installs the plugin package, builds samples/plugin with it as a student would, and
# has HOST load and use the result. Run by ctest with -P.
file(REMOVE_RECURSE ${WORK})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
  message(STATUS "${text}")
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --component plugin --prefix ${WORK}/installed)
run(${CMAKE_COMMAND} -S ${SOURCE}/samples/plugin -B ${WORK}/build
    -DCMAKE_PREFIX_PATH=${WORK}/installed -DCMAKE_CXX_COMPILER=${COMPILER}
    "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${HOST} ${WORK}/build/dice.so)
