// Lists archives in memory with archive/zip: arguments the list, and the most bytes of one archive. The list has "number, archive,
// folder" a line; one line of JSON answers each.
package main

import (
	"archive/zip"
	"bufio"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

type answer struct {
	Number  int         `json:"number"`
	Refused *string     `json:"refused"`
	Entries [][2][]byte `json:"entries64"`
}

func main() {
	list, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	most, _ := strconv.ParseInt(os.Args[2], 10, 64)
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		parts := strings.Split(lines.Text(), "\t")
		number, _ := strconv.Atoi(parts[0])
		entries, err := entriesOf(parts[1], most)
		said := answer{Number: number, Entries: entries}
		if err != nil {
			why := err.Error()
			said.Refused = &why
		}
		line, _ := json.Marshal(said)
		fmt.Println(string(line))
	}
}

func entriesOf(archive string, most int64) ([][2][]byte, error) {
	entries := [][2][]byte{}
	opened, err := zip.OpenReader(archive)
	if err != nil {
		return entries, err
	}
	defer opened.Close()
	for _, file := range opened.File {
		content, err := file.Open()
		if err != nil {
			return entries, err
		}
		hash := sha512.New()
		written, err := io.Copy(hash, io.LimitReader(content, most+1))
		content.Close()
		if err != nil {
			return entries, err
		}
		most -= written
		if most < 0 {
			return entries, errors.New("it writes too much")
		}
		entries = append(entries, [2][]byte{[]byte(file.Name), []byte(hex.EncodeToString(hash.Sum(nil)))})
	}
	return entries, nil
}
