namespace SlabGen.Generators;

/// <summary>
/// The pointers for fields. They are not generic, because the CLR cannot load rings of generic structs (SLAB0015). They
/// convert to the runtime's pointers and work like them.
/// </summary>
internal sealed partial class CacheClassWriter
{
    private const string Unsafe = "global::System.Runtime.CompilerServices.Unsafe";

    private void WriteLinks()
    {
        bool isFirst = !_model.HasClass;
        foreach (LinkModel link in _model.Links)
        {
            if (!isFirst)
            {
                _writer.Gap();
            }

            WriteLink(link);
            isFirst = false;
        }
    }

    private void WriteLink(LinkModel link)
    {
        string name = Identifier.EscapeDeclared(link.Name) + TypeParameterList;
        string runtimes = link.Kind switch
        {
            LinkKind.SmallPointer => $"global::SlabGen.SlabPtr32<{_model.Struct}>",
            LinkKind.Handle => Handle,
            _ => _ptr,
        };
        _writer.Write(
            $"""
            /// <summary>
            /// {(link.Kind == LinkKind.Handle ? "A handle" : "A pointer")} to a <see cref="{_model.StructCref}"/>, for fields. Structs may refer to each other in a ring through it.
            /// It converts to and from <see cref="{runtimes.Substring(0, runtimes.IndexOf('<'))}{'{'}T{'}'}"/> and works like it.
            /// </summary>
            """);
        WriteTypeParameterDocs();
        WriteWarnings(link.Warnings);
        _writer.Write(GeneratedCode);
        _writer.Write("""[global::System.Diagnostics.DebuggerDisplay("{Pointer}")]""");
        _writer.Open($"{_model.Accessibility} readonly partial struct {name} : global::System.IEquatable<{name}>{ConstraintClauses}");
        if (link.Kind == LinkKind.Handle)
        {
            WriteHandleMembers(name);
        }
        else
        {
            WritePointerMembers(link, name);
        }

        WriteLinkOperators(link, name, runtimes);
        WriteLinkEquality(name);
        _writer.Close();
    }

    private void WritePointerMembers(LinkModel link, string name)
    {
        bool isSmall = link.Kind == LinkKind.SmallPointer;
        _writer.Write(isSmall
            ? $$"""
              private readonly uint _address;

              private {{Identifier.EscapeDeclared(link.Name)}}(uint address) => _address = address;
              """
            : $$"""
              private readonly global::System.IntPtr _address;

              /// <summary>Makes a pointer of an address.</summary>
              /// <param name="address">The address of an object, or 0 for the null pointer.</param>
              {{AggressiveInlining}}
              public {{Identifier.EscapeDeclared(link.Name)}}(global::System.IntPtr address) => _address = address;
              """);
        _writer.Gap();
        _writer.Write(
            $$"""
            /// <summary>The address, or 0 for the null pointer.</summary>
            public global::System.IntPtr Address => {{(isSmall ? "(global::System.IntPtr)_address" : "_address")}};

            /// <summary>Whether this is the null pointer.</summary>
            public bool IsNull => _address == 0;

            /// <summary>The object itself.</summary>
            /// <remarks>Using the reference of the null pointer throws <see cref="global::System.NullReferenceException"/>.</remarks>
            public ref {{_model.Struct}} Value
            {
                {{AggressiveInlining}}
                get => ref new {{_ptr}}(Address).Value;
            }

            [global::System.Diagnostics.DebuggerBrowsable(global::System.Diagnostics.DebuggerBrowsableState.RootHidden)]
            private {{_ptr}} Pointer => new(Address);
            """);
    }

    private void WriteHandleMembers(string name) => _writer.Write(
        $$"""
        // The same bits as a SlabHandle. Only that type knows their meaning.
        #pragma warning disable CS0169
        private readonly global::System.IntPtr _address;
        private readonly ulong _entry;
        #pragma warning restore CS0169

        /// <summary>Whether the object is live.</summary>
        public bool IsLive => Pointer.IsLive;

        /// <summary>The object itself.</summary>
        /// <exception cref="global::SlabGen.SlabException">The handle is stale or default.</exception>
        public ref {{_model.Struct}} Value
        {
            {{AggressiveInlining}}
            get => ref Pointer.Value;
        }

        [global::System.Diagnostics.DebuggerBrowsable(global::System.Diagnostics.DebuggerBrowsableState.RootHidden)]
        private {{Handle}} Pointer => {{Unsafe}}.BitCast<{{name}}, {{Handle}}>(this);

        /// <summary>Finds the object, if it is live.</summary>
        /// <param name="pointer">The object, or the null pointer.</param>
        /// <returns>Whether the object is live.</returns>
        {{AggressiveInlining}}
        public bool TryGet(out {{_ptr}} pointer) => Pointer.TryGet(out pointer);
        """);

    private void WriteLinkOperators(LinkModel link, string name, string runtimes)
    {
        (string to, string from) = link.Kind switch
        {
            LinkKind.SmallPointer => ($"({runtimes})new {_ptr}(pointer.Address)", "new((uint)pointer.Address)"),
            LinkKind.Handle => ("pointer.Pointer", $"{Unsafe}.BitCast<{Handle}, {name}>(pointer)"),
            _ => ("new(pointer.Address)", "new(pointer.Address)"),
        };
        WriteConversion("implicit", name, runtimes, to, "Converts to the type of the runtime.");
        WriteConversion("implicit", runtimes, name, from, "Converts from the type of the runtime.");
        if (link.Kind == LinkKind.SmallPointer)
        {
            WriteConversion("implicit", name, _ptr, "new(pointer.Address)", "Converts to a pointer of 8 bytes.");
            WriteConversion("explicit", _ptr, name, $"({runtimes})pointer", "Converts to a pointer of 4 bytes. Throws if the address is 4 GiB or more.");
        }
        else if (link.Kind == LinkKind.Pointer && _model.AllowsUnsafe)
        {
            WriteConversion("implicit", name, _model.Struct + "*", $"({_model.Struct}*)pointer._address", "Converts to a plain pointer.");
            WriteConversion("implicit", _model.Struct + "*", name, "new((global::System.IntPtr)pointer)", "Converts from a plain pointer.");
        }

        _writer.Gap();
        _writer.Write(
            $"""
            // The second operand has the runtime's type, so that one operator serves all pairs. With two, some would be ambiguous.
            /// <summary>Whether the two are equal.</summary>
            public static bool operator ==({name} left, {runtimes} right) => left.Pointer == {(link.Kind == LinkKind.SmallPointer ? $"({_ptr})right" : "right")};

            /// <summary>Whether the two differ.</summary>
            public static bool operator !=({name} left, {runtimes} right) => !(left == right);
            """);
    }

    private void WriteConversion(string how, string from, string to, string expression, string summary)
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>{summary}</summary>
            /// <param name="pointer">The value to convert.</param>
            {AggressiveInlining}
            public static {(from.EndsWith("*", StringComparison.Ordinal) || to.EndsWith("*", StringComparison.Ordinal) ? "unsafe " : "")}{how} operator {to}({from} pointer) => {expression};
            """);
    }

    private void WriteLinkEquality(string name)
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <inheritdoc/>
            public bool Equals({name} other) => Pointer.Equals(other.Pointer);

            /// <inheritdoc/>
            public override bool Equals(object? obj) => obj is {name} other && Equals(other);

            /// <inheritdoc/>
            public override int GetHashCode() => Pointer.GetHashCode();

            /// <inheritdoc/>
            public override string ToString() => Pointer.ToString();
            """);
    }
}
