# What a plugin is built with: the headers of trace/, qom/ and src/core/, and a CMake
# package "Vitrine" with the target Vitrine::plugin. `cmake --install DIR --component
# plugin` installs just this.
include(CMakePackageConfigHelpers)

set(vitrine_include include/vitrine)
foreach(folder trace qom src/core)  # all included as "core/qdev.h", without src/
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${vitrine_include}
          COMPONENT plugin FILES_MATCHING PATTERN "*.h")
endforeach()

set(vitrine_package lib/cmake/Vitrine)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/VitrineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/VitrineConfig.cmake INSTALL_DESTINATION ${vitrine_package}
  PATH_VARS vitrine_include)
# A plugin is made for one build: its stamp is compared when it is loaded.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/VitrineConfigVersion.cmake
  COMPATIBILITY ExactVersion)
install(FILES ${PROJECT_BINARY_DIR}/VitrineConfig.cmake
              ${PROJECT_BINARY_DIR}/VitrineConfigVersion.cmake
        DESTINATION ${vitrine_package} COMPONENT plugin)
