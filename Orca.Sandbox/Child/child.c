// The program that runs between clone and exec.

int orca_child_version(void)
{
    return 1;
}
