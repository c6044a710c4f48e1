package main

import (
	"debug/elf"
	"fmt"
)

// requireLibrary refuses a file that is no whole shared library: the loader would end the process.
func requireLibrary(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, section := range file.Sections {
		if section.Type == elf.SHT_NOBITS || section.Size == 0 {
			continue
		}
		var last [1]byte
		if _, err := section.ReadAt(last[:], int64(section.FileSize)-1); err != nil {
			return fmt.Errorf("its section %s is cut off", section.Name)
		}
	}
	return nil
}
