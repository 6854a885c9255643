using System.Runtime.InteropServices;

namespace SlabGen.Memory;

// How the file gets blocks: by fallocate, or by zeros behind its end.
internal sealed partial class BackingFile
{
    private string? Grow(long offset, long bytes)
    {
        if (!IsInPlace())
        {
            return "it was deleted or moved";
        }

        // Growing beyond this limit raises SIGXFSZ. .NET leaves that signal at its default, which ends the process.
        long end = checked(offset + bytes);
        if (GetLimit(LimitOfFileSize, out ResourceLimit limit) == 0 && (ulong)end > limit.Current)
        {
            return $"the process may not have files of more than {limit.Current} bytes (RLIMIT_FSIZE; see 'ulimit -f')";
        }

        long length = RandomAccess.GetLength(_file);
        if (length < _length)
        {
            return $"it was truncated to {length} bytes"; // a longer file would show zeros where pages were stored
        }

        string? reason = AddBlocks(offset, bytes, length);
        if (reason is not null)
        {
            RandomAccess.SetLength(_file, length); // some file systems keep the blocks they found before they ran out
            return reason;
        }

        _length = long.Max(length, end);
        return null;
    }

    private string? AddBlocks(long offset, long bytes, long length)
    {
        int error = OperatingSystem.IsLinux() ? Allocate(0, offset, bytes) : NotSupported;
        if (error != NotSupported)
        {
            return error == 0 ? null : Marshal.GetPInvokeErrorMessage(error);
        }

        // What lies before the end has blocks, because a file that is written this way has no holes.
        try
        {
            WriteZeros(length, offset + bytes);
            return null;
        }
        catch (IOException failure)
        {
            return failure.Message;
        }
    }

    private int Allocate(int mode, long offset, long bytes)
    {
        int error;
        do
        {
            error = Allocate(_file, mode, offset, bytes) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (error == Interrupted);

        return error;
    }

    private void WriteZeros(long from, long end)
    {
        byte[] zeros = new byte[64 << 10];
        for (long offset = from; offset < end; offset += zeros.Length)
        {
            RandomAccess.Write(_file, zeros.AsSpan(0, (int)long.Min(zeros.Length, end - offset)), offset);
        }
    }
}
